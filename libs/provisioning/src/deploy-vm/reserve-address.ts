import type { MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { minutes } from './facts';

/** Makes sure that host name and address are this run's from here on. */
export const reserveAddress = ({ addresses }: ProvisioningTools) =>
  defineStep<MachineRequest, { readonly address: string }>({
    name: 'reserve-address',
    title: 'Reserve name and address',
    timeoutMs: minutes(1),
    run: async ({ hostname, network }, at) => {
      await addresses.hold(at.runId, hostname, network.address);
      at.log(`${hostname} and ${network.address} are reserved for this run.`);
      return { address: network.address };
    },
    undone: 'though-not-begun', // the request itself has reserved them
    undo: async ({ hostname, network }, at) => {
      await addresses.release(at.runId);
      at.log(`${hostname} and ${network.address} are no longer reserved for this run.`);
    },
  });
