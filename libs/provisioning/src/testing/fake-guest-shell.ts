import {
  fingerprintOf,
  type GuestIdentity,
  type GuestLogin,
  GuestShell,
  type GuestTarget,
} from '../ports/guest-shell';
import { Calls } from './calls';
import { finalFailure, transientFailure } from './failures';
import type { FakeMachine } from './fake-machine';
import type { FakeVCenter } from './fake-vcenter';

/** Logins on the guests of a fake vCenter, and on strangers that answer at an address of ours. */
export class FakeGuestShell extends GuestShell {
  readonly calls = new Calls<keyof GuestShell>();
  readonly logins: GuestTarget[] = [];
  /** Addresses and ports that take connections, such as `10.1.0.20:443`. */
  readonly listening = new Set<string>();
  private readonly strangers = new Map<string, GuestIdentity>();
  private lies: Partial<GuestIdentity> = {};

  constructor(private readonly vcenter: FakeVCenter) {
    super();
  }

  /** Every guest says this of itself from now on, whatever is true. */
  pretend(lies: Partial<GuestIdentity>): void {
    this.lies = lies;
  }

  /** Another machine answers at the address. */
  intrude(address: string, identity: Partial<GuestIdentity> = {}): void {
    this.strangers.set(address, {
      hostKey: 'ssh-ed25519 AAAAstranger',
      hostName: 'stranger',
      productUuid: 'ffffffff-ffff-4fff-8fff-ffffffffffff',
      addresses: [address],
      gateway: null,
      ...identity,
    });
  }

  override tryCredential(): Promise<void> {
    return this.calls.answer('tryCredential', () => undefined);
  }

  override identify(target: GuestTarget, signal: AbortSignal): Promise<GuestIdentity> {
    return this.calls.answer('identify', () => {
      signal.throwIfAborted();
      this.logins.push(target);
      const identity = this.at(target.address);
      if (!identity) {
        throw transientFailure('guest-unreachable');
      }
      if (target.hostKey !== undefined && target.hostKey !== identity.hostKey) {
        throw finalFailure('host-key-changed', 'The guest has another host key.');
      }
      const { hostKeyFingerprint = fingerprintOf(identity.hostKey) } = target;
      if (hostKeyFingerprint !== fingerprintOf(identity.hostKey)) {
        throw finalFailure('host-key-changed', 'The guest has another host key.');
      }
      return identity;
    });
  }

  override loginOf(credentialId: string): Promise<GuestLogin> {
    return this.calls.answer('loginOf', () => ({
      ...{ username: 'deploy', publicKey: `ssh-ed25519 AAAA${credentialId}`, asksPassword: false },
    }));
  }

  override isListening(address: string, port: number, signal: AbortSignal): Promise<boolean> {
    return this.calls.answer('isListening', () => {
      signal.throwIfAborted();
      return this.listening.has(`${address}:${port}`);
    });
  }

  private at(address: string): GuestIdentity | undefined {
    const machines = [...this.vcenter.machines.values()];
    const ours = machines.find(({ addresses }) => addresses.includes(address));
    return this.strangers.get(address) ?? (ours && { ...identityOf(ours), ...this.lies });
  }
}

function identityOf(machine: FakeMachine): GuestIdentity {
  return {
    hostKey: `ssh-ed25519 AAAA${machine.moRef}`,
    hostName: machine.hostName ?? 'localhost',
    productUuid: machine.biosUuid,
    addresses: machine.addresses,
    gateway: machine.customization?.ipv4?.gateway ?? null,
  };
}
