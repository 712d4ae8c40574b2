import { Injectable } from '@nestjs/common';
import {
  MAX_PRIORITY,
  type PowerInput,
  type PowerRequest,
  type RunAccepted,
} from '@diaken/contracts';
import { hostLimit, vcenterLimit } from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import { DataSource } from 'typeorm';
import type { Actor } from '../http/access';
import { type Asking, StartRun } from '../runs/start-run';
import { hostAtRest } from './registered-machine';

const PLAN = planFor('power');

/** Has a worker change the power of a host's machine. */
@Injectable()
export class RequestPower {
  constructor(
    private readonly database: DataSource,
    private readonly startRun: StartRun,
  ) {}

  /** Throws a refusal when there is no such host, or while a run still makes it. */
  async execute(
    { username }: Actor,
    hostId: string,
    input: PowerInput,
    origin: Pick<Asking, 'idempotencyKey'>,
  ): Promise<RunAccepted> {
    const asked = { hostId, ...input };
    const asking = { kind: 'power', requestedBy: username, asked, ...origin } as const;
    const earlier = await this.startRun.earlier(asking);
    return earlier ?? this.start(asking, hostId, input);
  }

  private async start(asking: Asking, hostId: string, input: PowerInput): Promise<RunAccepted> {
    const { machine } = await hostAtRest(this.database.manager, hostId);
    const request = { ...machine, ...input } satisfies PowerRequest;
    return this.startRun.execute({
      ...asking,
      target: machine.hostname,
      request,
      plan: PLAN,
      // Somebody waits for it, and it takes seconds.
      priority: MAX_PRIORITY,
      limits: [vcenterLimit(machine.vcenterId), hostLimit(hostId)],
    });
  }
}
