import { parseCidr } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { type LoginFacts, minutes } from './facts';
import { uuidsOf } from './identity';
import { discardPlays, type PlayNotes, playOnMachine } from './play';
import { isStaged } from './staging-address';

const STEP = 'readdress-guest';

/**
 * Gives a machine that started on its template's address its own one, and moves it to its network. The playbook looks
 * for itself whether it is on our machine: clones of one template may have one host key.
 */
export const readdressGuest = (tools: ProvisioningTools) =>
  defineStep<LoginFacts, object, PlayNotes>({
    name: STEP,
    title: 'Give the guest its final address',
    timeoutMs: minutes(15),
    retry: { attempts: 5, delayMs: 3_000, backoff: 2 },
    weight: 3,
    applies: isStaged,
    run: async (facts, at) => {
      const { vcenterId, machine, placement, address } = facts;
      const { adapters } = await tools.vcenter.state(vcenterId, machine, at.signal);
      if (adapters[0]?.addresses.includes(address)) {
        at.log(`The guest reports ${address} already.`);
      } else {
        await playOnMachine(tools, facts, playFor(facts, at.progress), at);
        at.log(`The guest changes its address to ${address}.`);
      }
      if (placement.stagingPortGroup !== null) {
        await tools.vcenter.connectNetwork(vcenterId, machine, placement.portGroup, at.signal);
        at.log(`Network adapter moved to ${placement.portGroup.name}.`);
      }
      return {};
    },
    undone: 'though-kept',
    undo: (_facts, at) => discardPlays(tools, STEP, at),
  });

function playFor(
  { machine, address, network, reachableAt }: LoginFacts,
  onProgress: (fraction: number, task: string) => void,
) {
  const { cidr = '', gateway = '', dns, domain = '' } = network;
  return {
    step: STEP,
    name: 'address',
    playbook: { kind: 'shipped', name: 'address-linux' } as const,
    extraVars: {
      diaken_product_uuids: uuidsOf(machine),
      diaken_staging: reachableAt,
      diaken_address: address,
      diaken_prefix: parseCidr(cidr)?.prefix ?? 32,
      diaken_gateway: gateway,
      diaken_dns: dns,
      diaken_domain: domain,
    },
    timeoutSeconds: 10 * 60,
    repeatable: true,
    onProgress,
  };
}
