import { Injectable } from '@nestjs/common';
import type { DeploymentRequest, PreflightRequest, RunAccepted } from '@diaken/contracts';
import { freeAddress, vcenterLimit } from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import { DataSource } from 'typeorm';
import type { Actor } from '../http/access';
import { Refusal } from '../http/refusal';
import { type Asking, noFreeAddress, StartRun } from '../runs/start-run';
import { addressOf, RequestDeployment, type ResolvedRequest } from './request-deployment';

const PLAN = planFor('preflight');

/** Has a worker check a request for a machine. What a deployment would be refused for becomes a line of the report. */
@Injectable()
export class RequestPreflight {
  constructor(
    private readonly database: DataSource,
    private readonly startRun: StartRun,
    private readonly deployments: RequestDeployment,
  ) {}

  /** Throws a refusal only when the key was used for something else. */
  async execute(
    { username }: Actor,
    asked: DeploymentRequest,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'>,
  ): Promise<RunAccepted> {
    const asking = { kind: 'preflight', requestedBy: username, asked, ...origin } as const;
    const earlier = await this.startRun.earlier(asking);
    return (
      earlier ??
      this.startRun.execute({
        ...asking,
        target: asked.hostname,
        request: await this.resolve(asked, username),
        plan: PLAN,
        priority: asked.priority,
        limits: [vcenterLimit(asked.vcenterId)],
      })
    );
  }

  private async resolve(asked: DeploymentRequest, requestedBy: string): Promise<PreflightRequest> {
    try {
      const resolved = await this.deployments.resolve(asked, requestedBy);
      const { machine } = resolved;
      const address = await this.addressFor(resolved);
      const network = { ...machine.network, ...(address !== null && { address }) };
      return { ...machine, network, refusal: null };
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      return { ...asked, placement: null, refusal: inWords(error), requestedBy };
    }
  }

  /** The address that the machine would get now; null: by DHCP. Throws a refusal when its profile has none left. */
  private async addressFor(resolved: ResolvedRequest): Promise<string | null> {
    const named = addressOf(resolved);
    const address =
      named === null || typeof named === 'string'
        ? named
        : await freeAddress(this.database.manager, named);
    if (address === undefined) {
      throw noFreeAddress();
    }
    return address;
  }
}

function inWords({ facts }: Refusal): NonNullable<PreflightRequest['refusal']> {
  const { code, detail, remedy = '', errors = [] } = facts;
  const problems = errors.map(({ path, message }) => `${path}: ${message}`);
  return { code, cause: problems.join('; ') || detail, remedy };
}
