import { defineStep } from '@diaken/pipeline';
import type { PlaybookText } from '../ports/ansible';
import type { ProvisioningTools } from '../tools';
import { AnsibleWithVariables } from '../variables/ansible-with-variables';
import { gatherVariables, inWords, type UsedVariable } from '../variables/gather-variables';
import { type LoginFacts, minutes, type WithHost } from './facts';
import {
  discardPlays,
  forgetPlayed,
  nameOfPlayed,
  type PlaybookRevision,
  type PlayNotes,
  playOnMachine,
} from './play';

const STEP = 'run-playbooks';

/** Which variables the playbooks were told. */
interface WithVariables {
  readonly variables: readonly UsedVariable[];
}

/**
 * Runs the playbooks that were chosen, in their order; stops at the first that fails. One that has run already is not
 * read any more: it may be gone from the library. Tried again is only what could not begin.
 */
export const runPlaybooks = (tools: ProvisioningTools) =>
  defineStep<LoginFacts & WithHost, WithVariables, PlayNotes>({
    name: STEP,
    title: 'Run the playbooks',
    timeoutMs: minutes(12 * 60),
    retry: { attempts: 5, delayMs: 5_000, backoff: 2 },
    weight: 6,
    lastToUse: ['playbookIds', 'extraVars'],
    applies: ({ playbookIds }) => playbookIds.length > 0,
    run: async (facts, at) => {
      const { playbookIds, extraVars } = facts;
      // With its number: a playbook may be chosen more than once.
      const names = playbookIds.map((id, index) => `${index + 1}.${id}`);
      await discardPlays(tools, STEP, at, names); // a resume may have changed what is chosen
      const stored = await tools.variables.ofHost(facts.hostId);
      const gathered = gatherVariables(stored, extraVars);
      const variables = new Map([[facts.hostname, gathered]]);
      const telling = { ...tools, ansible: new AnsibleWithVariables(tools.ansible, variables) };
      at.log(inWords(gathered.used));
      for (const [index, playbookId] of playbookIds.entries()) {
        const which = { step: STEP, name: `${index + 1}.${playbookId}` };
        const number = `Playbook ${index + 1} of ${playbookIds.length}`;
        const played = nameOfPlayed(which, at);
        if (played !== undefined) {
          at.log(`${number}: ${played}`);
          await forgetPlayed(tools, which, at);
          continue;
        }
        const { playbook, revision } = await chosenPlaybook(tools, playbookId, at.signal);
        const { name } = playbook;
        at.log(`${number}: ${name}, ${revisionInWords(revision)}`);
        const play = {
          ...which,
          ...{ playbook, revision },
          extraVars,
          timeoutSeconds: 2 * 60 * 60,
          repeatable: false,
          onProgress: (fraction: number, task: string) =>
            at.progress((index + fraction) / playbookIds.length, `${name}: ${task}`),
        };
        await playOnMachine(telling, facts, play, at);
      }
      return { variables: gathered.used };
    },
    undone: 'though-kept',
    undo: (_facts, at) => discardPlays(tools, STEP, at),
  });

/** A playbook of the library with what lies around it. */
async function chosenPlaybook(
  { playbooks }: Pick<ProvisioningTools, 'playbooks'>,
  id: string,
  signal: AbortSignal,
): Promise<{ readonly playbook: PlaybookText; readonly revision: PlaybookRevision }> {
  const chosen = await playbooks.read(id, signal);
  const files = await playbooks.filesFor(chosen);
  const { name, content, version, origin } = chosen;
  return {
    playbook: { kind: 'text', name, content, files, ...(origin && { path: origin.path }) },
    revision: { version, ...(origin && { commit: origin.commit }) },
  };
}

function revisionInWords({ version, commit }: PlaybookRevision): string {
  return `version ${version}${commit === undefined ? '' : `, commit ${commit}`}`;
}
