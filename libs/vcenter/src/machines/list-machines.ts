import type { ListedMachine } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { type ObjectProperties, retrieve, type Selection } from '../properties/retrieve';
import { traversal } from '../properties/traversal';
import { type MoRef, textOf } from '../soap/vim-value';
import { runNamedBy } from './run-annotation';

const PATHS = ['name', 'config.template', 'config.instanceUuid', 'config.annotation'];

/** Folders hold machines and vApps; a vApp holds machines and vApps. */
const TRAVERSALS = [
  traversal('children', ['Folder', 'childEntity'], ['children', 'root', 'machines', 'apps']),
  traversal('root', ['Datacenter', 'vmFolder'], ['children']),
  traversal('machines', ['VirtualApp', 'vm']),
  traversal('apps', ['VirtualApp', 'resourcePool'], ['machines', 'apps']),
];

/** Every machine that is no template, wherever it is. */
export async function listMachines(
  { connection }: ConnectedVCenter,
  signal: AbortSignal,
): Promise<readonly ListedMachine[]> {
  const root = await connection.serviceObject('rootFolder', signal);
  const all = await retrieve(connection, [allMachines(root)], signal);
  return all.filter(({ properties }) => properties['config.template'] !== true).map(listed);
}

function allMachines(rootFolder: MoRef): Selection {
  return {
    sets: [{ type: 'VirtualMachine', paths: PATHS }],
    starts: [{ object: rootFolder, traversals: TRAVERSALS }],
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function listed({ object, properties }: ObjectProperties): ListedMachine {
  const instanceUuid = textOf(properties['config.instanceUuid']).toLowerCase();
  return {
    moRef: object.value,
    name: textOf(properties['name']),
    instanceUuid: UUID.test(instanceUuid) ? instanceUuid : null,
    runId: runNamedBy(textOf(properties['config.annotation'])) ?? null,
  };
}
