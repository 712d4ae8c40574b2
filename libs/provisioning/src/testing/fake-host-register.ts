import { HostRegister, type NewHost } from '../ports/host-register';
import { Calls } from './calls';
import type { FakeAddressBook } from './fake-address-book';

/** An inventory of hosts in memory. */
export class FakeHostRegister extends HostRegister {
  readonly calls = new Calls<keyof HostRegister>();
  readonly hosts: (NewHost & { readonly id: string })[] = [];

  constructor(private readonly addresses: FakeAddressBook) {
    super();
  }

  override register(host: NewHost): Promise<string> {
    return this.calls.answer('register', () => {
      const known = this.hosts.find(({ createdByRun }) => createdByRun === host.createdByRun);
      const id = known?.id ?? `host-${this.hosts.length + 1}`;
      if (!known) {
        this.hosts.push({ id, ...host });
      }
      this.addresses.handOver(host.createdByRun, id);
      return id;
    });
  }

  override has(hostId: string): Promise<boolean> {
    return this.calls.answer('has', () => this.hosts.some(({ id }) => id === hostId));
  }

  override archive(hostId: string): Promise<void> {
    return this.calls.answer('archive', () => {
      const index = this.hosts.findIndex(({ id }) => id === hostId);
      if (index >= 0) {
        this.hosts.splice(index, 1);
      }
      this.addresses.freeOf(hostId);
    });
  }

  override unregister(runId: string): Promise<void> {
    return this.calls.answer('unregister', () => {
      const index = this.hosts.findIndex(({ createdByRun }) => createdByRun === runId);
      if (index >= 0) {
        this.hosts.splice(index, 1);
      }
      this.addresses.handOver(runId, null);
    });
  }
}
