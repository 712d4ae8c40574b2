import { Injectable } from '@nestjs/common';
import type { RunAccepted } from '@diaken/contracts';
import type { VCenterEntity } from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import type { Actor } from '../http/access';
import { type Asking, StartRun } from '../runs/start-run';

const PLAN = planFor('find-orphans');

/** Asks a worker to compare the machines of a vCenter with runs and hosts. */
@Injectable()
export class FindOrphans {
  constructor(private readonly startRun: StartRun) {}

  execute(
    { username }: Actor,
    vcenter: Pick<VCenterEntity, 'id' | 'name'>,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'> = {},
  ): Promise<RunAccepted> {
    const request = { vcenterId: vcenter.id };
    return this.startRun.execute({
      kind: 'find-orphans',
      target: vcenter.name,
      request,
      asked: request,
      requestedBy: username,
      plan: PLAN,
      ...origin,
    });
  }
}
