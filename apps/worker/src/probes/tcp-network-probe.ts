import { NODATA, NOTFOUND, Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import { type DnsAnswer, NetworkProbe } from '@diaken/provisioning';

/** SSH, HTTP, RPC, HTTPS, SMB, RDP and WinRM: nearly every server takes connections on one of them. */
const USUAL_PORTS = [22, 80, 135, 443, 445, 3389, 5985];

/** How long to wait for a connection, and for DNS. */
export interface ProbePatience {
  readonly connectTimeoutMs: number;
  readonly dnsTimeoutMs: number;
}

const PATIENCE: ProbePatience = { connectTimeoutMs: 1_000, dnsTimeoutMs: 1_000 };

/** Tries TCP connections, and asks the DNS servers that this machine is configured with. */
export class TcpNetworkProbe extends NetworkProbe {
  constructor(
    private readonly patience: ProbePatience = PATIENCE,
    private readonly dnsServers: readonly string[] = [],
  ) {
    super();
  }

  override async answersAt(
    address: string,
    port: number,
    signal: AbortSignal,
  ): Promise<number | null> {
    const { connectTimeoutMs } = this.patience;
    const attempts = portsAt(address, port).map((one) =>
      takesConnections(
        address,
        one,
        AbortSignal.any([signal, AbortSignal.timeout(connectTimeoutMs)]),
      ),
    );
    const answers = await Promise.all(attempts);
    signal.throwIfAborted();
    return answers.find((answer) => answer !== null) ?? null;
  }

  override addressesOf(name: string, signal: AbortSignal): Promise<DnsAnswer> {
    return this.ask(signal, (resolver) => resolver.resolve4(name));
  }

  override namesOf(address: string, signal: AbortSignal): Promise<DnsAnswer> {
    return this.ask(signal, (resolver) => resolver.reverse(address));
  }

  private async ask(
    signal: AbortSignal,
    question: (resolver: Resolver) => Promise<string[]>,
  ): Promise<DnsAnswer> {
    const resolver = new Resolver({ timeout: this.patience.dnsTimeoutMs, tries: 1 });
    if (this.dnsServers.length > 0) {
      resolver.setServers([...this.dnsServers]);
    }
    const cancel = () => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await question(resolver);
    } catch (error) {
      signal.throwIfAborted();
      // "There is none" is an answer; everything else is DNS being away, which keeps nobody from having a machine.
      return isNone(error) ? [] : null;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }
}

/** All loopback addresses are one machine, whose other services say nothing about a single one of them. */
function portsAt(address: string, port: number): readonly number[] {
  return address.startsWith('127.') ? [port] : [...new Set([port, ...USUAL_PORTS])];
}

/** The port, where somebody accepts; null where not. A refusal may come from any firewall, so it is none. */
function takesConnections(host: string, port: number, signal: AbortSignal): Promise<number | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve(port);
    });
    socket.once('error', () => resolve(null));
  });
}

function isNone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === NOTFOUND || code === NODATA;
}
