import type { MachineRequest } from '@diaken/contracts';
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
      const { address } = request.network;
      await addresses.hold(at.runId, request.hostname, address ?? null);
      at.log(`${namesOf(request)} reserved for this run.`);
      return { ...(address !== undefined && { address }) };
    },
    undone: 'though-not-begun', // the request itself has reserved them
    undo: async (request, at) => {
      await addresses.release(at.runId);
      at.log(`${namesOf(request)} no longer reserved for this run.`);
    },
  });

function namesOf({ hostname, network }: MachineRequest): string {
  return network.address === undefined
    ? `${hostname} is`
    : `${hostname} and ${network.address} are`;
}
