import type { GuestIdentity } from '../ports/guest-shell';
import type { Machine } from '../ports/vcenter';
import { ProvisioningFailure } from '../problems/provisioning-failure';

/** Throws unless the guest that answers is the machine: it must know the machine's own product UUID. */
export function proveIdentity(guest: GuestIdentity, machine: Machine, address: string): void {
  if (guest.productUuid === null) {
    throw new ProvisioningFailure({
      code: 'guest-identity-unverified',
      cause: `The guest at ${address} does not let us read its product UUID, so it could be any machine.`,
      remedy:
        'Use a credential of root, or of a user whom sudo lets read /sys/class/dmi/id/product_uuid. Then resume the run.',
    });
  }
  if (!isSameUuid(guest.productUuid, machine.biosUuid)) {
    throw new ProvisioningFailure({
      code: 'guest-identity-mismatch',
      cause: `Another machine answers at ${address}: ${guest.hostName || 'nameless'}, product UUID ${guest.productUuid}; ours is ${machine.biosUuid}. Nothing was changed on it.`,
      remedy: 'Find out who uses the address. Free it and resume the run, or roll back.',
    });
  }
}

/**
 * Whether both name one machine. From virtual hardware version 13 on, guests read the first three fields
 * of the BIOS UUID with their bytes reversed (SMBIOS 2.6, §7.2.1).
 */
export function isSameUuid(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase().trim(), other.toLowerCase().trim()];
  return a === b || a === reversedFields(b);
}

/** What the machine may call itself, in lower case. */
export function uuidsOf({ biosUuid }: Machine): string[] {
  const uuid = biosUuid.toLowerCase();
  return [uuid, reversedFields(uuid)];
}

function reversedFields(uuid: string): string {
  const [first = '', second = '', third = '', ...rest] = uuid.split('-');
  const reversed = (field: string) => (field.match(/../g) ?? []).reverse().join('');
  return [reversed(first), reversed(second), reversed(third), ...rest].join('-');
}
