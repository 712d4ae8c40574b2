import { defineStep, pipeline } from '@diaken/pipeline';
import { proveMachine } from '../check-host/prove-machine';
import type { ContactHost } from '../ports/host-contacts';
import { fingerprintOf } from '../ports/guest-shell';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';

/** What a `read-host-key` run is asked for. */
export interface HostKeyRequest {
  readonly hostId: string;
  /** Of the key that the machine must have; undefined: vCenter tells which machine it is. */
  readonly fingerprint?: string | undefined;
}

/** What it gives. */
export interface HostKeyReport {
  /** The fingerprint that is pinned now. */
  readonly fingerprint: string;
  /** The one before; null where none was pinned. */
  readonly before: string | null;
}

/** Pins the key that a host has now, whatever was pinned before, once it is proven who answers. */
const pinHostKey = (tools: ProvisioningTools) =>
  defineStep<HostKeyRequest, HostKeyReport>({
    name: 'pin-host-key',
    title: 'Read and pin the host key',
    timeoutMs: 2 * 60_000,
    retry: { attempts: 3, delayMs: 2_000, backoff: 2 },
    run: async ({ hostId, fingerprint }, at) => {
      const [host] = await tools.contacts.find([hostId]);
      if (!host) {
        throw notThere('is archived');
      }
      const hostKey = await provenKey(tools, host, fingerprint, at.signal);
      if (!(await tools.contacts.pin(at.runId, host, hostKey))) {
        throw notThere('was changed while its key was read');
      }
      const now = fingerprintOf(hostKey);
      const before = host.hostKey === null ? null : fingerprintOf(host.hostKey);
      at.log(`${host.name}: pinned ${now}; before: ${before ?? 'none'}.`);
      return { fingerprint: now, before };
    },
  });

/** Reads the host key of a machine that has a new one, and pins it. */
export const readHostKey = (tools: ProvisioningTools) =>
  pipeline<HostKeyRequest>('read-host-key').step(pinHostKey(tools)).build();

/** The key of the machine that answers. Throws unless it is the host's machine, or has the key that was named. */
async function provenKey(
  { guests, vcenter }: ProvisioningTools,
  { name, address, sshPort, credentialId, machine }: ContactHost,
  fingerprint: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (!machine && fingerprint === undefined) {
    throw unprovable(name);
  }
  const expected = fingerprint !== undefined && { hostKeyFingerprint: fingerprint };
  const target = { address, port: sshPort, credentialId, ...expected };
  const guest = await guests.identify(target, signal);
  if (machine) {
    await proveMachine(vcenter, { machine, address, guest }, signal);
  }
  return guest.hostKey;
}

function notThere(what: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'host-missing',
    cause: `The host ${what}.`,
    remedy: 'Look at it in the list of hosts, and have its key read again if it is in use.',
  });
}

function unprovable(name: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'guest-identity-unverified',
    cause: `Nothing tells whether the machine that answers is ${name}: it is linked to no virtual machine, and no fingerprint was named.`,
    remedy:
      'Name the fingerprint that ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub prints on its console.',
  });
}
