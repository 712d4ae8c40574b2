import type { DeploymentRequest, Placement } from '@diaken/contracts';
import type { InventoryObjectEntity } from '@diaken/persistence';
import { Refusal } from '../http/refusal';
import type { OpenNetwork } from './guest-network';
import { InventoryLookup, toRef } from './inventory-lookup';

/** Resolves every object that a request names to exactly one MoRef. Throws a refusal that lists all problems. */
export function placementOf(
  request: PlacedRequest,
  objects: readonly InventoryObjectEntity[],
): Placement {
  const lookup = new InventoryLookup(objects);
  const { stagingPortGroup, ...found } = findAll(request, lookup);
  if (lookup.problems.length > 0 || !isComplete(found)) {
    throw refusalOf(lookup);
  }
  return {
    template: toRef(found.template),
    datacenter: toRef(found.datacenter),
    cluster: toRef(found.cluster),
    resourcePool: toRef(found.resourcePool),
    datastore: toRef(found.datastore),
    folder: toRef(found.folder),
    portGroup: toRef(found.portGroup),
    stagingPortGroup: stagingPortGroup ? toRef(stagingPortGroup) : null,
  };
}

/** A request whose network is known. */
type PlacedRequest = Omit<DeploymentRequest, 'network'> & { readonly network: OpenNetwork };

type Needed = Exclude<keyof Placement, 'stagingPortGroup'>;
type Found = Record<Needed, InventoryObjectEntity | undefined>;

function isComplete(found: Found): found is Record<Needed, InventoryObjectEntity> {
  return Object.values(found).every((object) => object !== undefined);
}

function findAll(
  request: PlacedRequest,
  lookup: InventoryLookup,
): Found & { readonly stagingPortGroup: InventoryObjectEntity | undefined } {
  const { network } = request;
  const named = request.datacenter
    ? lookup.find({ kind: 'datacenter', called: request.datacenter, path: 'datacenter' })
    : undefined;
  const cluster = lookup.find({
    ...{ kind: 'cluster', called: request.cluster, path: 'cluster', datacenter: named?.moRef },
  });
  const within = cluster?.datacenter ?? named?.moRef;
  const find = (kind: 'template' | 'datastore' | 'network', called: string, path: string) =>
    lookup.find({ kind, called, path, datacenter: within });
  return {
    cluster,
    datacenter:
      named ??
      (within ? lookup.find({ kind: 'datacenter', called: within, path: 'cluster' }) : undefined),
    template: find('template', request.template, 'template'),
    datastore: find('datastore', request.datastore, 'datastore'),
    portGroup: find('network', network.portGroup, 'network.portGroup'),
    stagingPortGroup: network.stagingPortGroup
      ? find('network', network.stagingPortGroup, 'network.stagingPortGroup')
      : undefined,
    folder: folderOf(request, lookup, within),
    resourcePool: poolOf(request, lookup, cluster),
  };
}

function folderOf({ folder }: PlacedRequest, lookup: InventoryLookup, within: string | undefined) {
  if (folder !== undefined) {
    return lookup.find({ kind: 'folder', called: folder, path: 'folder', datacenter: within });
  }
  return within === undefined ? undefined : lookup.root('folder', within, 'folder');
}

function poolOf(
  { resourcePool }: PlacedRequest,
  lookup: InventoryLookup,
  cluster: InventoryObjectEntity | undefined,
) {
  if (resourcePool !== undefined) {
    const datacenter = cluster?.datacenter ?? undefined;
    return lookup.find({
      kind: 'resource-pool',
      called: resourcePool,
      path: 'resourcePool',
      datacenter,
    });
  }
  return cluster && lookup.root('resource-pool', cluster.moRef, 'resourcePool');
}

/** Refuses what a lookup has not found, or found more than once. */
export function refusalOf({ problems, isAmbiguous }: InventoryLookup): Refusal {
  const [first] = problems;
  return new Refusal({
    code: isAmbiguous ? 'ambiguous-object' : 'unknown-object',
    detail: first ? `${first.path}: ${first.message}` : 'The cluster is in no datacenter.',
    remedy: 'Correct the fields named in errors and send the request again.',
    errors: problems,
  });
}
