import { extrasOf, type MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { minutes, type WithAddress } from './facts';

/** Makes sure that host name and address are this run's from here on; the name alone where DHCP gives the address. */
export const reserveAddress = ({ addresses }: ProvisioningTools) =>
  defineStep<MachineRequest, Partial<WithAddress>>({
    name: 'reserve-address',
    title: 'Reserve name and address',
    timeoutMs: minutes(1),
    run: async (request, at) => {
      const { hostname, network } = request;
      const { address } = network;
      await addresses.hold(at.runId, hostname, address ?? null, extraAddressesOf(request));
      at.log(`${namesOf(request)} reserved for this run.`);
      return { ...(address !== undefined && { address }) };
    },
    undone: 'though-not-begun', // the request itself has reserved them
    undo: async (request, at) => {
      await addresses.release(at.runId);
      at.log(`${namesOf(request)} no longer reserved for this run.`);
    },
  });

function namesOf(request: MachineRequest): string {
  const { hostname, network } = request;
  const names = [hostname, network.address ?? [], extraAddressesOf(request)].flat();
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'}`;
}

function extraAddressesOf(request: MachineRequest): string[] {
  return extrasOf(request).networks.flatMap(({ address }) => address ?? []);
}
