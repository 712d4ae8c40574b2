/** An IPv4 network: its first address and its prefix length. */
export interface Ipv4Network {
  readonly base: number;
  readonly prefix: number;
}

/** An IPv4 address as an unsigned 32-bit number; undefined when it is not one. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (
    parts.length !== 4 ||
    !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && +part < 256)
  ) {
    return undefined;
  }
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Reads `10.1.0.0/24`; undefined unless it names a network's own first address. */
export function parseCidr(text: string): Ipv4Network | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  const base = parseIpv4(address);
  const prefix = /^\d{1,2}$/.test(length) ? Number(length) : Number.NaN;
  if (base === undefined || rest.length > 0 || !(prefix >= 1 && prefix <= 32)) {
    return undefined;
  }
  return base % sizeOf(prefix) === 0 ? { base, prefix } : undefined;
}

/** Whether the address lies in the network. */
export function contains(network: Ipv4Network, address: number): boolean {
  return address >= network.base && address < network.base + sizeOf(network.prefix);
}

/** Whether a host may have the address: in the network, and neither its first nor its last one. */
export function isUsableIn(network: Ipv4Network, address: number): boolean {
  const isEdge = address === network.base || address === network.base + sizeOf(network.prefix) - 1;
  return contains(network, address) && (network.prefix > 30 || !isEdge);
}

/** The dotted netmask of a prefix length: 24 gives `255.255.255.0`. */
export function netmaskOf(prefix: number): string {
  return formatIpv4(2 ** 32 - sizeOf(prefix));
}

/** The dotted form of an unsigned 32-bit number. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}
