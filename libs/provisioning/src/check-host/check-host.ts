import type { HostContact, HostResult } from '@diaken/contracts';
import { defineStep, pipeline, type StepContext } from '@diaken/pipeline';
import type { ContactHost } from '../ports/host-contacts';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import { proveMachine } from './prove-machine';

/** What a `check-host` run is asked for. */
export interface HostCheckRequest {
  readonly hostIds: readonly string[];
}

/** What it gives. The list holds the first hosts that were not reached; the counts are of all. */
export interface HostCheckReport {
  readonly hosts: number;
  readonly reachable: number;
  readonly unreachable: readonly { readonly name: string; readonly message: string }[];
}

const STEP = 'check-hosts';
/** What stands in a result where others name a playbook and its tasks. */
const WORK = 'Log in';
/** Hosts that are logged in to at once. */
const AT_ONCE = 10;
/** The most hosts that a report lists. */
const MOST_LISTED = 1_000;

/**
 * Logs in to each host. A host key that nobody has pinned is pinned: where the host is known to be a virtual machine, only
 * once the guest has proved to be that machine.
 */
const checkHosts = (tools: ProvisioningTools) =>
  defineStep<HostCheckRequest, HostCheckReport>({
    name: STEP,
    title: 'Log in to the hosts',
    timeoutMs: 3 * 60 * 60_000,
    run: async ({ hostIds }, at) => {
      const hosts = await tools.contacts.find(hostIds);
      const before = await tools.results.stored(at.runId);
      const due = hosts.filter(({ name }) => !before.some(({ host }) => host === name));
      const all = due.length;
      const checkSome = async () => {
        for (let host = due.shift(); host; host = due.shift()) {
          at.progress((all - due.length - 1) / all, host.name);
          await check(tools, host, at);
        }
      };
      try {
        await Promise.all(Array.from({ length: AT_ONCE }, checkSome));
      } finally {
        due.length = 0; // when one is interrupted, the others begin nothing more
      }
      return reportOf(await tools.results.stored(at.runId));
    },
  });

/** Finds out which hosts can be logged in to. That some cannot is what it finds, not its own failure. */
export const checkHost = (tools: ProvisioningTools) =>
  pipeline<HostCheckRequest>('check-host').step(checkHosts(tools)).build();

async function check(
  tools: ProvisioningTools,
  host: ContactHost,
  at: Pick<StepContext<object>, 'runId' | 'signal' | 'log'>,
): Promise<void> {
  const began = performance.now();
  const failure = await tryToLogIn(tools, host, at);
  const durationMs = Math.round(performance.now() - began);
  await tools.results.store(at.runId, [resultOf(host, failure, durationMs)]);
}

/** Notes on the host how it went; answers why it did not go well. */
async function tryToLogIn(
  tools: ProvisioningTools,
  host: ContactHost,
  at: Pick<StepContext<object>, 'runId' | 'signal' | 'log'>,
): Promise<HostContact['failure']> {
  const { contacts } = tools;
  try {
    const hostKey = await logIn(tools, host, at.signal);
    await contacts.reached(at.runId, host, hostKey);
    const pinned = host.hostKey === null ? `, pinned ${hostKey.split(' ')[0]}` : '';
    at.log(`${host.name}: logged in${pinned}.`);
    return null;
  } catch (error) {
    // Anything else is no finding about the host.
    if (!(error instanceof ProvisioningFailure)) {
      throw error;
    }
    const { code, message, remedy } = error;
    await contacts.notReached(at.runId, host.id, { code, message, remedy });
    at.log(`${host.name}: ${message}`);
    return { code, message, remedy };
  }
}

/** The host key of the guest that answers. Throws when it is not let in, or when the guest is another one. */
async function logIn(
  { guests, vcenter }: ProvisioningTools,
  { address, sshPort, credentialId, hostKey, machine }: ContactHost,
  signal: AbortSignal,
): Promise<string> {
  const target = { address, port: sshPort, credentialId, ...(hostKey !== null && { hostKey }) };
  const guest = await guests.identify(target, signal);
  if (hostKey === null && machine) {
    await proveMachine(vcenter, { guest, address, machine }, signal);
  }
  return guest.hostKey;
}

function resultOf(
  { name }: ContactHost,
  failure: HostContact['failure'],
  durationMs: number,
): HostResult {
  return {
    ...{ step: STEP, playbook: WORK, host: name, durationMs },
    ...{ ok: failure ? 0 : 1, unreachable: failure ? 1 : 0 },
    ...{ changed: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 },
    firstError: failure && { task: WORK, message: failure.message },
  };
}

function reportOf(results: readonly HostResult[]): HostCheckReport {
  if (results.length === 0) {
    throw new ProvisioningFailure({
      code: 'host-missing',
      cause: 'None of the hosts that were to be checked is in use any more.',
      remedy: 'Choose hosts that are not archived.',
    });
  }
  const unreachable = results
    .flatMap(({ host, firstError }) =>
      firstError ? [{ name: host, message: firstError.message }] : [],
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    hosts: results.length,
    reachable: results.length - unreachable.length,
    unreachable: unreachable.slice(0, MOST_LISTED),
  };
}
