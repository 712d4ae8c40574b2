import type { HostContact } from '@diaken/contracts';
import { type ContactHost, HostContacts } from '../ports/host-contacts';
import { Calls } from './calls';

/** Hosts in memory, and how attempts to log in to them went. */
export class FakeHostContacts extends HostContacts {
  readonly calls = new Calls<keyof HostContacts>();
  private readonly hosts = new Map<string, ContactHost>();
  private readonly failures = new Map<string, HostContact['failure']>();

  add(host: ContactHost): void {
    this.hosts.set(host.id, host);
  }

  archive(hostId: string): void {
    this.hosts.delete(hostId);
  }

  /** The host key that is pinned now. */
  keyOf(hostId: string): string | null | undefined {
    return this.hosts.get(hostId)?.hostKey;
  }

  /** Why the last attempt failed; null: it did not; undefined: there was none. */
  failureOf(hostId: string): HostContact['failure'] | undefined {
    return this.failures.get(hostId);
  }

  override find(hostIds: readonly string[]): Promise<readonly ContactHost[]> {
    return this.calls.answer('find', () =>
      [...this.hosts.values()].filter(({ id }) => hostIds.includes(id)),
    );
  }

  override pin(_runId: string, { id, hostKey: before }: ContactHost, hostKey: string) {
    return this.calls.answer('pin', () => {
      const host = this.hosts.get(id);
      if (!host || ![before, hostKey].includes(host.hostKey)) {
        return false;
      }
      this.hosts.set(id, { ...host, hostKey });
      this.failures.set(id, null);
      return true;
    });
  }

  override reached(_runId: string, { id }: ContactHost, hostKey: string): Promise<void> {
    return this.calls.answer('reached', () => {
      const host = this.hosts.get(id);
      if (host) {
        this.hosts.set(id, { ...host, hostKey: host.hostKey ?? hostKey });
        this.failures.set(id, null);
      }
    });
  }

  override notReached(
    _runId: string,
    hostId: string,
    failure: NonNullable<HostContact['failure']>,
  ): Promise<void> {
    return this.calls.answer('notReached', () => void this.failures.set(hostId, failure));
  }
}
