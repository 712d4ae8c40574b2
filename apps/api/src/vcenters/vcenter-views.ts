import { Injectable } from '@nestjs/common';
import type { InventoryHealth, VCenterView } from '@diaken/contracts';
import { inventoryHealth, type VCenterEntity } from '@diaken/persistence';
import { DataSource } from 'typeorm';

/** Shows vCenters with what we know of their inventories. */
@Injectable()
export class VCenterViews {
  constructor(private readonly database: DataSource) {}

  async of(vcenters: readonly VCenterEntity[]): Promise<VCenterView[]> {
    const health = await inventoryHealth(
      this.database,
      vcenters.map(({ id }) => id),
    );
    return vcenters.map((vcenter) => toVCenterView(vcenter, health.get(vcenter.id)));
  }

  async ofOne(vcenter: VCenterEntity): Promise<VCenterView> {
    const health = await inventoryHealth(this.database, [vcenter.id]);
    return toVCenterView(vcenter, health.get(vcenter.id));
  }
}

/** What is known of a vCenter that was removed a moment ago. */
const NOTHING: InventoryHealth = {
  ...{ state: 'never-read', revision: 0, confirmedAt: null, ageSeconds: null, lastProblem: null },
  ...{ isReading: false, isWatched: false },
};

function toVCenterView(
  { id, name, url, username, tls, syncedAt, createdAt }: VCenterEntity,
  inventory = NOTHING,
): VCenterView {
  return {
    ...{ id, name, url, username, tls, inventory },
    syncedAt: syncedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
