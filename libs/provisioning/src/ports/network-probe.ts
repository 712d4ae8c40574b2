/** What DNS knows of a name or an address; null: DNS did not answer. */
export type DnsAnswer = readonly string[] | null;

/** What the network itself tells of addresses and names, whatever anybody has written down about them. */
export abstract class NetworkProbe {
  /** The port on which something at the address takes connections; null: nothing does. `port` is tried in any case. */
  abstract answersAt(address: string, port: number, signal: AbortSignal): Promise<number | null>;

  /** The IPv4 addresses of a host name with its domain; empty: it has none. */
  abstract addressesOf(name: string, signal: AbortSignal): Promise<DnsAnswer>;

  /** The names of an address (PTR); empty: it has none. */
  abstract namesOf(address: string, signal: AbortSignal): Promise<DnsAnswer>;
}
