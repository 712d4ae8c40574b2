import { Injectable } from '@nestjs/common';
import {
  type DeploymentRequest,
  type ExtraHardware,
  guestOf,
  type InventoryKind,
  type MachineRequest,
  type Placement,
  type RunAccepted,
} from '@diaken/contracts';
import {
  type AddressPool,
  InventoryObjectEntity,
  NetworkProfileEntity,
  stagingAddressLimit,
  VCenterEntity,
  vcenterLimit,
} from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import { DataSource } from 'typeorm';
import type { Actor } from '../http/access';
import { Refusal } from '../http/refusal';
import { type AskedRun, type Asking, StartRun } from '../runs/start-run';
import { networkFor, networkOf, type OpenNetwork } from './guest-network';
import { guestFor } from './guest-rules';
import { calledByExtras, extraHardwareOf, refuseSharedAddresses, sizedHardware } from './hardware';
import { refuseAboveLimits } from './hardware-limits';
import { missingReferences } from './missing-references';
import { placementOf } from './placement';
import { unknownObjects } from './unknown-objects';
import { refuseLoginFor, refuseNameFor } from './windows-rules';

const PLAN = planFor('deploy-vm');

/** What a request for a machine names. */
const PLACEMENT_KINDS: readonly InventoryKind[] = [
  ...(['template', 'datacenter', 'cluster', 'resource-pool'] as const),
  ...(['datastore', 'folder', 'network'] as const),
];

/** A request with everything found that it names. */
export interface ResolvedRequest {
  readonly machine: Omit<MachineRequest, 'network'> & { readonly network: OpenNetwork };
  /** Where its address comes from, if it names none itself. */
  readonly profile: NetworkProfileEntity | undefined;
}

/** Every object of a request, resolved. */
interface Placed {
  readonly placement: Placement;
  readonly extraHardware: ExtraHardware;
}

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
    const { machine, profile } = await this.resolve(request, asking.requestedBy);
    const address = addressOf({ machine, profile });
    return address === null || typeof address === 'string'
      ? this.startRun.execute(runFor(asking, machine, address))
      : this.startRun.executeWithNextAddress(address, (next) => runFor(asking, machine, next));
  }

  /** Finds everything that a request names. Throws a refusal that names each wrong field. */
  async resolve(request: DeploymentRequest, requestedBy: string): Promise<ResolvedRequest> {
    const profile = await this.profileOf(request);
    const { manager } = this.database;
    refuseSharedAddresses(request);
    const { vcenterId } = request;
    const network = networkOf(request.network, profile && { profile, vcenterId });
    const [placed, sized, missing] = await Promise.all([
      this.place(request, network),
      sizedHardware(manager, request),
      missingReferences(manager, request),
    ]);
    if (missing.length > 0) {
      throw unknownObjects(missing);
    }
    const { placement } = placed;
    await refuseAboveLimits(manager, request, sized, placement.template);
    const guest = await guestFor(manager, { request, network, placement });
    refuseNameFor(guest, request.hostname);
    await refuseLoginFor(guest, request.credentialId, manager);
    // What the size says is the machine's own from here on, whatever becomes of the size.
    const { size: _size, ...own } = { ...request, network: networkFor(guest, network) };
    const asked = profile && { askedNetwork: request.network };
    return { machine: { ...own, ...sized, ...placed, guest, ...asked, requestedBy }, profile };
  }

  private async profileOf({
    network: { profileId: id },
  }: DeploymentRequest): Promise<NetworkProfileEntity | undefined> {
    if (id === undefined) {
      return undefined;
    }
    const profile = await this.database.manager.findOneBy(NetworkProfileEntity, { id });
    if (!profile) {
      const message = `no network profile has the id ${id}`;
      throw unknownObjects([{ path: 'network.profileId', message }]);
    }
    return profile;
  }

  private async place(request: DeploymentRequest, network: OpenNetwork): Promise<Placed> {
    const { vcenterId, template, datacenter, cluster, resourcePool, datastore, folder } = request;
    const called = [
      ...[template, datacenter, cluster, resourcePool, datastore, folder],
      ...[network.portGroup, network.stagingPortGroup, ...calledByExtras(request)],
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
    const placement = placementOf({ ...request, network }, objects);
    const extraHardware = extraHardwareOf(request, objects, placement.datacenter);
    return { placement, extraHardware };
  }
}

/**
 * The address that a request names, or the profile whose next free one it gets, but none of `except`; null: a DHCP server
 * gives it.
 */
export function addressOf(
  { machine, profile }: ResolvedRequest,
  except: readonly string[] = extraAddressesOf(machine),
): string | AddressPool | null {
  if (guestOf(machine).address === 'dhcp') {
    return null;
  }
  const { address } = machine.network;
  if (address !== undefined) {
    return address;
  }
  if (!profile) {
    throw new Error('A network without a profile has an address: the rules for guests ask for it');
  }
  const own = except.map((extra) => ({ first: extra, last: extra }));
  return { ...profile, exclusions: [...profile.exclusions, ...own] };
}

/** The run that makes the machine, at the address; null: at the one that DHCP gives it. */
export function runFor(
  asking: Asking,
  { network, ...machine }: ResolvedRequest['machine'],
  address: string | null,
): AskedRun {
  const { hostname, priority, retry, onFailure } = machine;
  const withAddress = address === null ? network : { ...network, address };
  const request: MachineRequest = { ...machine, network: withAddress };
  return {
    ...asking,
    target: hostname,
    request,
    plan: PLAN,
    reserve: { hostname, address, extraAddresses: extraAddressesOf(machine) },
    priority,
    policy: { retry, onFailure },
    limits: limitsOf(request),
  };
}

/** What a deployment competes for. */
function limitsOf(machine: MachineRequest): string[] {
  const { stagingAddress } = guestOf(machine);
  const staging = stagingAddress === null ? [] : [stagingAddressLimit(stagingAddress)];
  return [vcenterLimit(machine.vcenterId), ...staging];
}

/** The addresses that a request asks for besides the first. */
export function extraAddressesOf({
  extraNetworks,
}: Pick<DeploymentRequest, 'extraNetworks'>): string[] {
  return extraNetworks.flatMap(({ address }) => address ?? []);
}
