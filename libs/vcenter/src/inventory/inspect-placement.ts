import type { ObjectRef, Placement, ProblemCode } from '@diaken/contracts';
import {
  type PlacementProblems,
  type PlacementReport,
  ProvisioningFailure,
} from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { capacityOf, DEVICES, disksOf } from '../machines/devices';
import { machineRef, unlessGone } from '../machines/find-machine';
import { type Properties, readProperties, retrieve } from '../properties/retrieve';
import { traversal } from '../properties/traversal';
import { MoRef, moRefOf, moRefsOf, numberOf, sameMoRef, textOf } from '../soap/vim-value';
import { findChild } from './find-child';
import { asPlacementFailure, notATemplate, placementMissing } from './placement-failure';

/** What is asked for besides the placement. */
export interface AskedFor {
  readonly name: string;
  /** Null: nobody knows it yet. */
  readonly address: string | null;
}

/** Looks at every object of a placement, also where another one has a problem. */
export async function inspectPlacement(
  vcenter: ConnectedVCenter,
  placement: Placement,
  asked: AskedFor,
  signal: AbortSignal,
): Promise<PlacementReport> {
  const problems: PlacementProblems = {};
  const ask = async <T>(part: keyof Placement, question: Promise<T>): Promise<T | null> => {
    try {
      return await question;
    } catch (error) {
      problems[part] = problemOf(asPlacementFailure(error, placement));
      return null;
    }
  };
  const [templateBytes, datastoreFreeBytes, nameTaken, addressHolder] = await Promise.all([
    ask('template', measureTemplate(vcenter, placement, signal)),
    ask('datastore', measureDatastore(vcenter, placement, signal)),
    ask('folder', isNameTaken(vcenter, placement, asked.name, signal)),
    findAddressHolder(vcenter, asked.address, signal),
    ask('datacenter', checkDatacenter(vcenter, placement, signal)),
    ask('resourcePool', checkCluster(vcenter, placement, problems, signal)),
  ]);
  return {
    ...{ problems, templateBytes, datastoreFreeBytes, addressHolder },
    nameTaken: nameTaken ?? false,
  };
}

/** What a part of a placement can have; throws what is no fault of that part. */
const PROBLEMS: readonly ProblemCode[] = [
  'template-missing',
  'placement-missing',
  'vcenter-permission-denied',
];

function problemOf(error: unknown): ProvisioningFailure {
  if (error instanceof ProvisioningFailure && PROBLEMS.includes(error.code)) return error;
  throw error;
}

async function measureTemplate(
  { connection }: ConnectedVCenter,
  { template }: Placement,
  signal: AbortSignal,
): Promise<number> {
  const paths = ['config.template', DEVICES];
  const seen = await readProperties(connection, machineRef(template), paths, signal);
  if (seen['config.template'] !== true) throw notATemplate(template);
  return disksOf(seen[DEVICES]).reduce((bytes, disk) => bytes + capacityOf(disk), 0);
}

async function measureDatastore(
  { connection }: ConnectedVCenter,
  { datastore }: Placement,
  signal: AbortSignal,
): Promise<number> {
  const paths = ['summary.freeSpace', 'summary.accessible'];
  const ref = new MoRef('Datastore', datastore.moRef);
  const seen = await readProperties(connection, ref, paths, signal);
  if (seen['summary.accessible'] === false) throw placementMissing('datastore', datastore);
  return numberOf(seen['summary.freeSpace']) ?? 0;
}

async function isNameTaken(
  vcenter: ConnectedVCenter,
  { folder }: Placement,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await findChild(vcenter, folder, name, signal)) !== undefined;
}

async function checkDatacenter(
  { connection }: ConnectedVCenter,
  { datacenter }: Placement,
  signal: AbortSignal,
): Promise<void> {
  const ref = new MoRef('Datacenter', datacenter.moRef);
  await readProperties(connection, ref, ['name'], signal);
}

/** The cluster is the owner of the pool, and the port groups are among its networks. */
async function checkCluster(
  vcenter: ConnectedVCenter,
  placement: Placement,
  problems: PlacementProblems,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, portGroup, stagingPortGroup } = placement;
  const seen = await readOwner(vcenter, placement, signal);
  if (moRefOf(seen['owner'])?.value !== cluster.moRef) {
    problems.cluster = placementMissing('cluster', cluster);
    return;
  }
  const networks = moRefsOf(seen['network']).map(({ value }) => value);
  const isMissing = ({ moRef }: ObjectRef) => !networks.includes(moRef);
  if (isMissing(portGroup)) problems.portGroup = placementMissing('portGroup', portGroup);
  if (stagingPortGroup && isMissing(stagingPortGroup)) {
    problems.stagingPortGroup = placementMissing('stagingPortGroup', stagingPortGroup);
  }
}

/** `owner` of the resource pool, and the `network`s of that owner. */
async function readOwner(
  { connection }: ConnectedVCenter,
  { resourcePool }: Placement,
  signal: AbortSignal,
): Promise<Properties> {
  const object = new MoRef('ResourcePool', resourcePool.moRef);
  const selection = {
    sets: [
      { type: object.type, paths: ['owner'] },
      { type: 'ComputeResource', paths: ['network'] },
    ],
    starts: [{ object, traversals: [traversal('owner', ['ResourcePool', 'owner'])] }],
  };
  const read = await retrieve(connection, [selection], signal);
  const pool = read.find((each) => sameMoRef(each.object, object));
  const owner = read.find((each) => !sameMoRef(each.object, object));
  return { ...pool?.properties, ...owner?.properties };
}

/** The name of the machine whose guest reports the address. */
async function findAddressHolder(
  { connection }: ConnectedVCenter,
  ip: string | null,
  signal: AbortSignal,
): Promise<string | null> {
  if (ip === null) return null;
  const parameters = { ip, vmSearch: true };
  const holder = moRefOf(
    await connection.call({ method: 'FindByIp', on: 'searchIndex', parameters }, signal),
  );
  if (!holder) return null;
  const seen = await unlessGone(readProperties(connection, holder, ['name'], signal));
  return seen ? textOf(seen['name']) : null;
}
