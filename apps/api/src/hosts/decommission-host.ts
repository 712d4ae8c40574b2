import { Injectable } from '@nestjs/common';
import type { DecommissionInput, DecommissionRequest, RunAccepted } from '@diaken/contracts';
import { hostLimit, vcenterLimit } from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import { DataSource } from 'typeorm';
import type { Actor } from '../http/access';
import { invalid, Refusal } from '../http/refusal';
import { type Asking, StartRun } from '../runs/start-run';
import { type HostAtRest, hostAtRest } from './registered-machine';

const PLAN = planFor('decommission');

/** Has a worker remove a host with its machine, its name and its addresses. */
@Injectable()
export class DecommissionHost {
  constructor(
    private readonly database: DataSource,
    private readonly startRun: StartRun,
  ) {}

  /** Throws a refusal when there is no such host, when its name is not confirmed, or while its run has not ended. */
  async execute(
    { username }: Actor,
    hostId: string,
    input: DecommissionInput,
    origin: Pick<Asking, 'idempotencyKey'>,
  ): Promise<RunAccepted> {
    const asked = { hostId, ...input };
    const asking = { kind: 'decommission', requestedBy: username, asked, ...origin } as const;
    // First of all: the host may have gone by the run that was started.
    const earlier = await this.startRun.earlier(asking);
    return earlier ?? this.start(asking, hostId, input);
  }

  private async start(
    asking: Asking,
    hostId: string,
    input: DecommissionInput,
  ): Promise<RunAccepted> {
    const host = await hostAtRest(this.database.manager, hostId);
    refuseUnlessMeant(host, input);
    const { machine } = host;
    const request = {
      ...machine,
      ...input,
      requestedBy: asking.requestedBy,
    } satisfies DecommissionRequest;
    return this.startRun.execute({
      ...asking,
      target: machine.hostname,
      request,
      plan: PLAN,
      limits: [vcenterLimit(machine.vcenterId), hostLimit(hostId)],
    });
  }
}

function refuseUnlessMeant({ machine, maker }: HostAtRest, { confirm }: DecommissionInput): void {
  if (confirm !== machine.hostname) {
    const message = `must be the name of the host, ${machine.hostname}, to confirm what is removed`;
    throw invalid([{ path: 'confirm', message }]);
  }
  if (maker === 'failed') {
    throw new Refusal({
      code: 'still-in-use',
      detail: `The run ${machine.createdByRun} that made ${machine.hostname} has failed, and holds it until somebody decides.`,
      remedy:
        'Roll that run back (POST /runs/{id}/roll-back): it removes the machine, too. Or resume it first.',
    });
  }
}
