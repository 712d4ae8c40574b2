import { defineStep, pipeline, type StepContext } from '@diaken/pipeline';
import { proveIdentity } from '../deploy-vm/identity';
import type { ContactHost, ContactOutcome } from '../ports/host-contacts';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';

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
    name: 'check-hosts',
    title: 'Log in to the hosts',
    timeoutMs: 3 * 60 * 60_000,
    run: async ({ hostIds }, at) => {
      const due = [...(await tools.contacts.due(at.runId, hostIds))];
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
      return reportOf(await tools.contacts.tried(at.runId));
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
  const { contacts } = tools;
  try {
    const hostKey = await logIn(tools, host, at.signal);
    await contacts.reached(at.runId, host, hostKey);
    const pinned = host.hostKey === null ? `, pinned ${hostKey.split(' ')[0]}` : '';
    at.log(`${host.name}: logged in${pinned}.`);
  } catch (error) {
    // Anything else is no finding about the host.
    if (!(error instanceof ProvisioningFailure)) {
      throw error;
    }
    const { code, message, remedy } = error;
    await contacts.notReached(at.runId, host.id, { code, message, remedy });
    at.log(`${host.name}: ${message}`);
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
    const { vcenterId, instanceUuid } = machine;
    const known = await vcenter.findByInstanceUuid(vcenterId, instanceUuid, signal);
    if (!known) {
      throw gone(instanceUuid);
    }
    proveIdentity(guest, known, address);
  }
  return guest.hostKey;
}

function gone(instanceUuid: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'machine-missing',
    cause: `The virtual machine of the host (instance UUID ${instanceUuid}) is not in vCenter any more, so whoever answers cannot be compared with it.`,
    remedy: 'Archive the host, or adopt the machine that it is now.',
  });
}

function reportOf(tried: readonly ContactOutcome[]): HostCheckReport {
  if (tried.length === 0) {
    throw new ProvisioningFailure({
      code: 'host-missing',
      cause: 'None of the hosts that were to be checked is in use any more.',
      remedy: 'Choose hosts that are not archived.',
    });
  }
  const unreachable = tried.flatMap(({ name, failure }) =>
    failure ? [{ name, message: failure.message }] : [],
  );
  return {
    hosts: tried.length,
    reachable: tried.length - unreachable.length,
    unreachable: unreachable.slice(0, MOST_LISTED),
  };
}
