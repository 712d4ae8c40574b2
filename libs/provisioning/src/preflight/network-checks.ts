import type { DnsAnswer, NetworkProbe } from '../ports/network-probe';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import { type Finding, notChecked, ok } from './finding';
import type { Subject } from './subject';

/** What the network itself shows of a name and an address. */
export interface NetworkSight {
  /** The port on which something at the address takes connections; null: nothing does. */
  readonly openPort: number | null;
  /** What DNS calls the address. */
  readonly names: DnsAnswer;
  /** Where DNS has the name; empty as well for a name without a domain. */
  readonly addresses: DnsAnswer;
}

/** Looks for somebody at the address, and for both in DNS. */
export async function lookAtNetwork(
  network: NetworkProbe,
  subject: Subject,
  signal: AbortSignal,
): Promise<NetworkSight> {
  const { sshPort } = subject;
  const { address } = subject.network;
  if (address === undefined) {
    return { openPort: null, names: [], addresses: [] };
  }
  const name = fullName(subject);
  const [openPort, names, addresses] = await Promise.all([
    network.answersAt(address, sshPort, signal),
    network.namesOf(address, signal),
    name === undefined ? [] : network.addressesOf(name, signal),
  ]);
  return { openPort, names, addresses };
}

/** What DNS says against name or address. It warns only: records are often made before the machine. */
export function dnsFinding(subject: Subject, { names, addresses }: NetworkSight): Finding {
  const { address } = subject.network;
  const name = fullName(subject) ?? subject.hostname;
  if (address === undefined) {
    return subject.placement
      ? ok('dns', 'A DHCP server gives the address: there is nothing to look for yet.')
      : notChecked('dns', 'There is no address yet to look for.');
  }
  if (names === null || addresses === null) {
    return warning(
      `DNS did not answer the worker, so it is not known whether it has ${name} or ${address}.`,
    );
  }
  const others = names.filter((other) => !isSame(other, name));
  const against = [
    ...(addresses.length > 0 && !addresses.includes(address)
      ? [`DNS has ${name} at ${addresses.join(', ')}, not at ${address}.`]
      : []),
    ...(others.length > 0 ? [`DNS calls ${address} ${others.join(', ')}.`] : []),
  ];
  return against.length > 0
    ? warning(against.join(' '))
    : ok('dns', `DNS has nothing else for ${name} and ${address}.`);
}

/** For an address that somebody uses of whom neither we nor vCenter know. */
export function addressAnswers(address: string, port: number): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'address-taken',
    cause: `Something at ${address} takes connections on port ${port}, although no machine in vCenter reports that address.`,
    remedy:
      'Find out what it is. Take it off the network, or choose another address and exclude this one in the network profile.',
  });
}

function warning(cause: string): Finding {
  const remedy = 'Make sure that nobody else is meant, or correct the records.';
  return { check: 'dns', state: 'warning', cause, remedy };
}

function fullName({ hostname, network: { domain } }: Subject): string | undefined {
  return domain === undefined ? undefined : `${hostname}.${domain}`;
}

/** A name without its domain is the same one, as far as we can know. */
function isSame(dnsName: string, name: string): boolean {
  const found = dnsName.toLowerCase().replace(/\.$/, '');
  return found === name || (!name.includes('.') && found.startsWith(`${name}.`));
}
