import { Injectable } from '@nestjs/common';
import type { RunAccepted } from '@diaken/contracts';
import type { VCenterEntity } from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import type { Actor } from '../http/access';
import { type Asking, StartRun } from '../runs/start-run';

const PLAN = planFor('sync-inventory');

/** Asks a worker to read what a vCenter offers. */
@Injectable()
export class SynchronizeVCenter {
  constructor(private readonly startRun: StartRun) {}

  execute(
    { username }: Actor,
    vcenter: Pick<VCenterEntity, 'id' | 'name'>,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'> = {},
  ): Promise<RunAccepted> {
    const request = { vcenterId: vcenter.id };
    return this.startRun.execute({
      kind: 'sync-inventory',
      target: vcenter.name,
      request,
      asked: request,
      requestedBy: username,
      plan: PLAN,
      ...origin,
    });
  }
}
