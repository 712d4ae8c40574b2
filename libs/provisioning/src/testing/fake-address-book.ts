import type { Holder } from '@diaken/contracts';
import { AddressBook } from '../ports/address-book';
import { Calls } from './calls';
import { finalFailure } from './failures';

interface Reservation {
  readonly run: string;
  readonly host: string | null;
}

/** Reservations in memory; each name and address has one holder. */
export class FakeAddressBook extends AddressBook {
  readonly calls = new Calls<keyof AddressBook>();
  private readonly reserved = new Map<string, Reservation>();

  /** Names and addresses that the run, or the host that it made, holds. */
  heldBy(run: string): readonly string[] {
    return [...this.reserved].filter(([, by]) => by.run === run).map(([value]) => value);
  }

  /** What the run holds is the host's from now on; null: the run's own again. */
  handOver(run: string, host: string | null): void {
    for (const value of this.heldBy(run)) {
      this.reserved.set(value, { run, host });
    }
  }

  /** What the host holds is nobody's from now on. */
  freeOf(host: string): void {
    for (const [value, by] of this.reserved) {
      if (by.host === host) {
        this.reserved.delete(value);
      }
    }
  }

  override hold(
    runId: string,
    hostname: string,
    address: string | null,
    extraAddresses: readonly string[] = [],
  ): Promise<void> {
    return this.calls.answer('hold', () => {
      const addresses = [address, ...extraAddresses].filter((wish) => wish !== null);
      addresses.forEach((each) => this.refuseUnlessFree(runId, each, 'address-taken'));
      this.refuseUnlessFree(runId, hostname, 'hostname-taken');
      for (const value of [...addresses, hostname]) {
        this.reserved.set(value, this.reserved.get(value) ?? { run: runId, host: null });
      }
    });
  }

  override holder(_kind: 'hostname' | 'address', value: string): Promise<Holder | undefined> {
    return this.calls.answer('holder', () => {
      const by = this.reserved.get(value);
      const [type, id] = by?.host
        ? (['host', by.host] as const)
        : (['run', by?.run ?? ''] as const);
      return by && { type, id, name: `${type} of ${by.run}`, link: `/${type}s/${id}` };
    });
  }

  override release(runId: string): Promise<void> {
    return this.calls.answer('release', () => {
      for (const value of this.heldBy(runId)) {
        if (this.reserved.get(value)?.host === null) {
          this.reserved.delete(value);
        }
      }
    });
  }

  private refuseUnlessFree(
    run: string,
    value: string,
    code: 'address-taken' | 'hostname-taken',
  ): void {
    const by = this.reserved.get(value);
    if (by && by.run !== run) {
      throw finalFailure(code, `${value} is held by the run ${by.run}.`);
    }
  }
}
