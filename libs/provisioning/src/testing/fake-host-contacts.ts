import type { HostContact } from '@diaken/contracts';
import { type ContactHost, HostContacts, type ContactOutcome } from '../ports/host-contacts';
import { Calls } from './calls';

interface Contact {
  host: ContactHost;
  run?: string;
  failure: HostContact['failure'];
}

/** Hosts in memory, and how attempts to log in to them went. */
export class FakeHostContacts extends HostContacts {
  readonly calls = new Calls<keyof HostContacts>();
  private readonly contacts = new Map<string, Contact>();

  add(host: ContactHost): void {
    this.contacts.set(host.id, { host, failure: null });
  }

  archive(hostId: string): void {
    this.contacts.delete(hostId);
  }

  /** The host key that is pinned now. */
  keyOf(hostId: string): string | null | undefined {
    return this.contacts.get(hostId)?.host.hostKey;
  }

  override due(runId: string, hostIds: readonly string[]): Promise<readonly ContactHost[]> {
    return this.calls.answer('due', () =>
      [...this.contacts.values()]
        .filter(({ host, run }) => hostIds.includes(host.id) && run !== runId)
        .map(({ host }) => host),
    );
  }

  override reached(runId: string, { id }: ContactHost, hostKey: string): Promise<void> {
    return this.calls.answer('reached', () => {
      const contact = this.contacts.get(id);
      if (contact) {
        const host = { ...contact.host, hostKey: contact.host.hostKey ?? hostKey };
        this.contacts.set(id, { host, run: runId, failure: null });
      }
    });
  }

  override notReached(
    runId: string,
    hostId: string,
    failure: NonNullable<HostContact['failure']>,
  ): Promise<void> {
    return this.calls.answer('notReached', () => {
      const contact = this.contacts.get(hostId);
      if (contact) {
        this.contacts.set(hostId, { ...contact, run: runId, failure });
      }
    });
  }

  override tried(runId: string): Promise<readonly ContactOutcome[]> {
    return this.calls.answer('tried', () =>
      [...this.contacts.values()]
        .filter(({ run }) => run === runId)
        .map(({ host: { name }, failure }) => ({ name, failure })),
    );
  }
}
