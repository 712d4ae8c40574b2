import type { Placement } from '@diaken/contracts';
import type { CloneOrder } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { asPlacementFailure } from '../inventory/placement-failure';
import { readProperties } from '../properties/retrieve';
import { MoRef, numberOf, type VimObject } from '../soap/vim-value';
import { startTask } from '../tasks/run-task';
import { machineRef, RUN_MARKER } from './find-machine';
import { annotationOf } from './run-annotation';

/**
 * Starts to clone and answers the id of the task. The call is sent once, and not at all once the signal is
 * aborted: when its answer is lost, the failure is `vcenter-unreachable` and `findClone` tells what became of it.
 */
export async function startClone(
  vcenter: ConnectedVCenter,
  order: CloneOrder,
  signal: AbortSignal,
): Promise<string> {
  const { placement, name } = order;
  try {
    const parameters = {
      folder: new MoRef('Folder', placement.folder.moRef),
      name,
      spec: cloneSpec(order, await coresPerSocket(vcenter, order, signal)),
    };
    const on = machineRef(placement.template);
    const task = await startTask(vcenter, { method: 'CloneVM_Task', on, parameters }, signal);
    return task.value;
  } catch (error) {
    throw asPlacementFailure(error, placement);
  }
}

function cloneSpec(order: CloneOrder, numCoresPerSocket: number | undefined): VimObject {
  return {
    location: location(order.placement),
    template: false,
    powerOn: false,
    config: {
      instanceUuid: order.runId,
      annotation: annotationOf(order.runId),
      numCPUs: order.cpus,
      ...(numCoresPerSocket === undefined ? {} : { numCoresPerSocket }),
      memoryMB: order.memoryMb,
      extraConfig: [{ key: RUN_MARKER, value: order.runId }],
    },
  };
}

function location({ datastore, resourcePool }: Placement): VimObject {
  return {
    datastore: new MoRef('Datastore', datastore.moRef),
    pool: new MoRef('ResourcePool', resourcePool.moRef),
  };
}

/** One core per socket where the template's number does not divide the CPUs: vCenter would refuse. */
async function coresPerSocket(
  { connection }: ConnectedVCenter,
  { placement, cpus }: CloneOrder,
  signal: AbortSignal,
): Promise<number | undefined> {
  const path = 'config.hardware.numCoresPerSocket';
  const seen = await readProperties(connection, machineRef(placement.template), [path], signal);
  return cpus % (numberOf(seen[path]) || 1) === 0 ? undefined : 1;
}
