import { Injectable } from '@nestjs/common';
import type { RunAccepted, RunKind } from '@diaken/contracts';
import { VCenterEntity } from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import { DataSource } from 'typeorm';
import type { Actor } from '../http/access';
import { notFound } from '../http/refusal';
import { type Asking, StartRun } from '../runs/start-run';

/** Kinds of runs that a vCenter is all the request of. */
export type VCenterRunKind = Extract<RunKind, 'sync-inventory' | 'find-orphans' | 'test-vcenter'>;

/** Asks a worker to read what a vCenter has: its inventory, or machines that nobody owns. */
@Injectable()
export class StartVCenterRun {
  constructor(
    private readonly startRun: StartRun,
    private readonly database: DataSource,
  ) {}

  /** Throws a refusal when the vCenter is not registered any more. */
  async again(
    kind: VCenterRunKind,
    actor: Actor,
    vcenterId: string,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'>,
  ): Promise<RunAccepted> {
    const vcenter = await this.database.manager.findOneBy(VCenterEntity, { id: vcenterId });
    if (!vcenter) {
      throw notFound('vCenter', vcenterId);
    }
    return this.execute(kind, actor, vcenter, origin);
  }

  execute(
    kind: VCenterRunKind,
    { username }: Actor,
    vcenter: Pick<VCenterEntity, 'id' | 'name'>,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'> = {},
  ): Promise<RunAccepted> {
    const request = { vcenterId: vcenter.id };
    return this.startRun.execute({
      kind,
      target: vcenter.name,
      request,
      asked: request,
      requestedBy: username,
      plan: planFor(kind),
      ...origin,
    });
  }
}
