import { type DnsAnswer, NetworkProbe } from '../ports/network-probe';
import { Calls } from './calls';

/** A network where nobody is, unless a test says so. */
export class FakeNetworkProbe extends NetworkProbe {
  readonly calls = new Calls<keyof NetworkProbe>();
  /** Whether DNS answers at all. */
  dnsAnswers = true;
  private readonly listening = new Map<string, number>();
  private readonly names = new Map<string, readonly string[]>();

  /** Something takes connections at the address. */
  listen(address: string, port: number): void {
    this.listening.set(address, port);
  }

  /** DNS says this of a name or of an address. */
  record(of: string, ...answers: string[]): void {
    this.names.set(of, answers);
  }

  override answersAt(address: string): Promise<number | null> {
    return this.calls.answer('answersAt', () => this.listening.get(address) ?? null);
  }

  override addressesOf(name: string): Promise<DnsAnswer> {
    return this.calls.answer('addressesOf', () => this.ask(name));
  }

  override namesOf(address: string): Promise<DnsAnswer> {
    return this.calls.answer('namesOf', () => this.ask(address));
  }

  private ask(about: string): DnsAnswer {
    return this.dnsAnswers ? (this.names.get(about) ?? []) : null;
  }
}
