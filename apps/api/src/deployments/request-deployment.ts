import { Injectable } from '@nestjs/common';
import type {
  DeploymentRequest,
  FieldProblem,
  InventoryKind,
  MachineRequest,
  Placement,
  RunAccepted,
} from '@diaken/contracts';
import { InventoryObjectEntity, VCenterEntity, vcenterLimit } from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import { DataSource } from 'typeorm';
import type { Actor } from '../http/access';
import { Refusal } from '../http/refusal';
import { type Asking, StartRun } from '../runs/start-run';
import { missingReferences } from './missing-references';
import { placementOf } from './placement';

const PLAN = planFor('deploy-vm');

/** What a request for a machine names. */
const PLACEMENT_KINDS: readonly InventoryKind[] = [
  ...(['template', 'datacenter', 'cluster', 'resource-pool'] as const),
  ...(['datastore', 'folder', 'network'] as const),
];

/** Takes the request for a machine: checks it against what we know, and records a run. Asks no vCenter. */
@Injectable()
export class RequestDeployment {
  constructor(
    private readonly database: DataSource,
    private readonly startRun: StartRun,
  ) {}

  /** Throws a refusal that names each wrong field, its cause and its remedy. */
  async execute(
    actor: Actor,
    request: DeploymentRequest,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'>,
  ): Promise<RunAccepted> {
    const requestedBy = actor.username;
    const asking = { kind: 'deploy-vm', requestedBy, asked: request, ...origin } as const;
    // First of all: what the request names may have gone since the run was started.
    const earlier = await this.startRun.earlier(asking);
    return earlier ?? this.start(asking, request);
  }

  private async start(asking: Asking, request: DeploymentRequest): Promise<RunAccepted> {
    const machine = await this.resolve(request, asking.requestedBy);
    return this.startRun.execute({
      ...asking,
      target: request.hostname,
      request: machine,
      plan: PLAN,
      reserve: { hostname: request.hostname, address: request.network.address },
      priority: request.priority,
      policy: { retry: request.retry, onFailure: request.onFailure },
      limits: [vcenterLimit(request.vcenterId)],
    });
  }

  /** Finds everything that a request names. Throws a refusal that names each wrong field. */
  async resolve(request: DeploymentRequest, requestedBy: string): Promise<MachineRequest> {
    const [placement, missing] = await Promise.all([
      this.place(request),
      missingReferences(this.database.manager, request),
    ]);
    if (missing.length > 0) {
      throw unknownObjects(missing);
    }
    return { ...request, placement, requestedBy };
  }

  private async place(request: DeploymentRequest): Promise<Placement> {
    const { vcenterId, template, datacenter, cluster, resourcePool, datastore, folder, network } =
      request;
    const called = [
      ...[template, datacenter, cluster, resourcePool, datastore, folder],
      ...[network.portGroup, network.stagingPortGroup],
    ].filter((name) => name !== undefined);
    const [vcenter, objects] = await Promise.all([
      this.database.manager.findOneBy(VCenterEntity, { id: vcenterId }),
      this.database.manager
        .createQueryBuilder(InventoryObjectEntity, 'object')
        .where('object.vcenterId = :vcenterId', { vcenterId })
        // No request names a machine, and there are thousands.
        .andWhere('object.kind IN (:...kinds)', { kinds: PLACEMENT_KINDS })
        .andWhere(
          `(object.name IN (:...called) OR object.moRef IN (:...called) OR object.kind = 'datacenter'
            OR object.details @> '{"root": true}')`,
          { called },
        )
        .getMany(),
    ]);
    if (!vcenter) {
      throw unknownObjects([{ path: 'vcenterId', message: `no vCenter has the id ${vcenterId}` }]);
    }
    if (!vcenter.syncedAt) {
      throw new Refusal({
        code: 'inventory-not-ready',
        detail: `The inventory of ${vcenter.name} has not been read yet.`,
        remedy:
          'Wait for its sync-inventory run (GET /runs?kind=sync-inventory); if that failed, mend why and POST /vcenters/{id}/sync.',
      });
    }
    return placementOf(request, objects);
  }
}

/** Refuses ids and names that nothing has. */
export function unknownObjects(errors: readonly FieldProblem[]): Refusal {
  const [first] = errors;
  return new Refusal({
    code: 'unknown-object',
    detail: `${first?.path}: ${first?.message}`,
    remedy:
      'Correct the fields named in errors; the list of each noun shows the ids that there are.',
    errors,
  });
}
