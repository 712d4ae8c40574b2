import { Injectable } from '@nestjs/common';
import { type HostCheck, MOST_CHECKED, type RunAccepted } from '@diaken/contracts';
import { HostEntity, HostShelf } from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import { DataSource } from 'typeorm';
import { unknownObjects } from '../deployments/unknown-objects';
import type { Actor } from '../http/access';
import { type Asking, StartRun } from '../runs/start-run';

/** Asks a worker to log in to hosts. */
@Injectable()
export class StartHostCheck {
  constructor(
    private readonly database: DataSource,
    private readonly shelf: HostShelf,
    private readonly startRun: StartRun,
  ) {}

  /** Throws a refusal when no host is meant, or too many are. */
  async execute(
    { username }: Actor,
    asked: HostCheck,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'>,
  ): Promise<RunAccepted> {
    const asking = { kind: 'check-host', requestedBy: username, asked, ...origin } as const;
    return (await this.startRun.earlier(asking)) ?? this.start(asking);
  }

  private async start(asking: Asking & { readonly asked: HostCheck }): Promise<RunAccepted> {
    const hostIds = await this.shelf.ids(asking.asked);
    const [id] = hostIds;
    if (id === undefined || hostIds.length > MOST_CHECKED) {
      throw wrongNumber(hostIds.length);
    }
    return this.startRun.execute({
      ...asking,
      kind: 'check-host',
      target: await this.targetOf(hostIds),
      request: { hostIds },
      plan: planFor('check-host'),
    });
  }

  private async targetOf(hostIds: readonly string[]): Promise<string> {
    const [id] = hostIds;
    const only = id !== undefined && hostIds.length === 1 && { id };
    const host = only ? await this.database.manager.findOneBy(HostEntity, only) : null;
    return host?.name ?? `${hostIds.length} hosts`;
  }
}

function wrongNumber(count: number) {
  const message =
    count === 0
      ? 'no host in use is meant by this; GET /hosts shows what a filter finds'
      : `${count} hosts are meant by this; at most ${MOST_CHECKED} can be checked at once`;
  return unknownObjects([{ path: '', message }]);
}
