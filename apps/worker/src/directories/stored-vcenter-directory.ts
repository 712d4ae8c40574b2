import { openVCenterPassword, VCenterEntity } from '@diaken/persistence';
import { ProvisioningFailure } from '@diaken/provisioning';
import { type SecretBox, SharedReading, UnreadableSecret } from '@diaken/runtime';
import { type VCenterAccess, VCenterDirectory } from '@diaken/vcenter';
import type { DataSource } from 'typeorm';

/** How late a change of a vCenter's access may be noticed, ms: every call to it asks, a dozen of them for each run. */
const FRESH_FOR_MS = 1_000;

/** The vCenters that users have registered. */
export class StoredVCenterDirectory extends VCenterDirectory {
  private readonly known = new Map<string, SharedReading<VCenterAccess>>();

  constructor(
    private readonly database: DataSource,
    private readonly box: SecretBox,
  ) {
    super();
  }

  override find(vcenterId: string): Promise<VCenterAccess> {
    const access =
      this.known.get(vcenterId) ?? new SharedReading(() => this.read(vcenterId), FRESH_FOR_MS);
    this.known.set(vcenterId, access);
    return access.get();
  }

  private async read(vcenterId: string): Promise<VCenterAccess> {
    const vcenter = await this.database.manager.findOneBy(VCenterEntity, { id: vcenterId });
    if (!vcenter) {
      throw new ProvisioningFailure({
        code: 'placement-missing',
        cause: `The vCenter ${vcenterId} is not registered any more.`,
        remedy: 'Register it again, and ask for a new machine there.',
      });
    }
    const { id, name, url, username, tls, updatedAt } = vcenter;
    return {
      id,
      name,
      url,
      username,
      tls,
      password: this.open(vcenter),
      revision: updatedAt.toISOString(),
    };
  }

  private open(vcenter: VCenterEntity): string {
    try {
      return openVCenterPassword(this.box, vcenter);
    } catch (error) {
      throw error instanceof UnreadableSecret
        ? unreadable(`password of ${vcenter.name}`, error)
        : error;
    }
  }
}

/** What the operator is told of a secret that no key opens. */
export function unreadable(what: string, cause: UnreadableSecret): ProvisioningFailure {
  return new ProvisioningFailure(
    {
      code: 'secret-unreadable',
      cause: `The stored ${what} cannot be opened. ${cause.message}`,
      remedy:
        'Put the missing key back into DIAKEN_ENCRYPTION_KEYS, or store the secret anew. Then resume the run.',
    },
    { cause },
  );
}
