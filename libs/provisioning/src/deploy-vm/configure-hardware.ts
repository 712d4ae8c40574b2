import { extrasOf, type MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { HardwareOrder } from '../ports/vcenter';
import type { ProvisioningTools } from '../tools';
import { minutes, seconds, type WithMachine } from './facts';

/** CPUs, memory, disks and network adapters as asked for, while the machine is off. */
export const configureHardware = ({ vcenter }: ProvisioningTools) =>
  defineStep<MachineRequest & WithMachine, object>({
    name: 'configure-hardware',
    title: 'Configure the hardware',
    timeoutMs: minutes(10),
    retry: { attempts: 5, delayMs: seconds(2), backoff: 2 },
    run: async (request, at) => {
      const { vcenterId, machine } = request;
      const order = hardwareOf(request);
      await vcenter.configureHardware(vcenterId, machine, order, at.signal);
      at.log(`${wordsFor(order)}.`);
      return {};
    },
  });

function hardwareOf(request: MachineRequest): HardwareOrder {
  const { cpus, memoryMb, diskGb, placement } = request;
  const { disks, networks } = extrasOf(request);
  const first = placement.stagingPortGroup ?? placement.portGroup;
  return {
    ...{ cpus, memoryMb, extraDisks: disks },
    ...(diskGb !== undefined && { diskGb }),
    portGroups: [first, ...networks.map(({ portGroup }) => portGroup)],
  };
}

function wordsFor({ cpus, memoryMb, diskGb, extraDisks = [], portGroups }: HardwareOrder): string {
  const extra = extraDisks.map(
    ({ sizeGb, datastore }) => `${sizeGb} GiB${datastore ? ` on ${datastore.name}` : ''}`,
  );
  const words = [
    `${cpus} CPUs, ${memoryMb} MiB of memory`,
    ...(diskGb === undefined ? [] : [`first disk at least ${diskGb} GiB`]),
    ...(extra.length === 0 ? [] : [`further disks: ${extra.join(', ')}`]),
    `network adapters on ${portGroups.map(({ name }) => name).join(', ')}`,
  ];
  return words.join('; ');
}
