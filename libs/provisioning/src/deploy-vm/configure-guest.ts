import { guestOf } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { type LoginFacts, minutes, needsLogin } from './facts';
import { discardPlays, type PlayNotes, playOnMachine } from './play';

const STEP = 'configure-guest';

/** Runs our base playbook: host name, hosts file, and the facts that say where the machine comes from. */
export const configureGuest = (tools: ProvisioningTools) =>
  defineStep<LoginFacts, object, PlayNotes>({
    name: STEP,
    title: 'Configure the guest',
    timeoutMs: minutes(35),
    retry: { attempts: 5, delayMs: 3_000, backoff: 2 },
    weight: 4,
    applies: needsLogin,
    run: async (facts, at) => {
      const { hostname, network, address } = facts;
      const { guestInit, osFamily } = guestOf(facts);
      const name = osFamily === 'windows' ? 'base-windows' : 'base-linux';
      const play = {
        step: STEP,
        name: 'base',
        playbook: { kind: 'shipped', name } as const,
        extraVars: {
          diaken_run: at.runId,
          diaken_hostname: hostname,
          diaken_address: address,
          ...(network.domain !== undefined && { diaken_domain: network.domain }),
          ...(guestInit === 'cloud-init' && { diaken_cloud_init: true }),
        },
        timeoutSeconds: 30 * 60,
        repeatable: true,
        onProgress: at.progress,
      };
      await playOnMachine(tools, facts, play, at);
      return {};
    },
    undone: 'though-kept',
    undo: (_facts, at) => discardPlays(tools, STEP, at),
  });
