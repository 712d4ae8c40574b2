import {
  type CustomizationOrder,
  type GuestIdentity,
  type GuestLogin,
  GuestShell,
  type GuestTarget,
  type Machine,
  ProvisioningFailure,
} from '@diaken/provisioning';
import { VsphereVCenter } from '@diaken/vcenter';

interface Guest {
  readonly machine: Machine;
  readonly order: CustomizationOrder;
}

/** A real vCenter adapter that remembers what it made of its machines, for the guests that are not there. */
export class RememberingVCenter extends VsphereVCenter {
  private readonly guests = new Map<string, Guest>();

  override async customize(
    id: string,
    machine: Machine,
    order: CustomizationOrder,
    signal: AbortSignal,
  ): Promise<void> {
    await super.customize(id, machine, order, signal);
    this.guests.set(order.ipv4?.address ?? '', { machine, order });
  }

  guestAt(address: string): Guest | undefined {
    return this.guests.get(address);
  }
}

/** Answers at once as the guest of a simulated machine would over SSH. */
export class SimulatedGuests extends GuestShell {
  constructor(private readonly vcenter: RememberingVCenter) {
    super();
  }

  override async tryCredential(): Promise<void> {}

  override async identify({ address }: GuestTarget, signal: AbortSignal): Promise<GuestIdentity> {
    signal.throwIfAborted();
    const guest = this.vcenter.guestAt(address);
    if (!guest) {
      throw new ProvisioningFailure({
        ...{ code: 'guest-unreachable', transient: true },
        ...{ cause: `Nobody is at ${address}.`, remedy: 'None.' },
      });
    }
    const { machine, order } = guest;
    return {
      hostKey: `ssh-ed25519 AAAA${machine.moRef}`,
      hostName: order.hostname,
      productUuid: machine.biosUuid,
      addresses: [address],
      gateway: order.ipv4?.gateway ?? null,
    };
  }

  override async loginOf(): Promise<GuestLogin> {
    return { username: 'root', publicKey: 'ssh-ed25519 AAAA', asksPassword: false };
  }

  override async isListening(
    address: string,
    _port: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    signal.throwIfAborted();
    return this.vcenter.guestAt(address) !== undefined;
  }
}
