import { defineStep } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { type LoginFacts, minutes } from './facts';
import { discardPlays, type PlayNotes, playOnMachine } from './play';

const STEP = 'run-playbooks';

/** Runs the playbooks that were chosen, in their order; stops at the first that fails. */
export const runPlaybooks = (tools: ProvisioningTools) =>
  defineStep<LoginFacts, object, PlayNotes>({
    name: STEP,
    title: 'Run the playbooks',
    timeoutMs: minutes(12 * 60),
    weight: 6,
    lastToUse: ['playbookIds', 'extraVars'],
    applies: ({ playbookIds }) => playbookIds.length > 0,
    run: async (facts, at) => {
      const { playbookIds, extraVars } = facts;
      for (const [index, playbookId] of playbookIds.entries()) {
        const { name, content } = await tools.playbooks.read(playbookId);
        at.log(`Playbook ${index + 1} of ${playbookIds.length}: ${name}`);
        const play = {
          step: STEP,
          // With its place: a playbook may be chosen more than once.
          name: `${index + 1}.${playbookId}`,
          playbook: { kind: 'text', name, content } as const,
          extraVars,
          timeoutSeconds: 2 * 60 * 60,
          onProgress: (fraction: number, task: string) =>
            at.progress((index + fraction) / playbookIds.length, `${name}: ${task}`),
        };
        await playOnMachine(tools, facts, play, at);
      }
      return {};
    },
    undo: (_facts, at) => discardPlays(tools, STEP, at),
  });
