import type { Holder } from '@diaken/contracts';

/** Host names and addresses that runs and hosts hold, so that nobody else gets them. */
export abstract class AddressBook {
  /**
   * Makes sure that the run holds all of them; `address`: null while it is not known. Throws `hostname-taken` or
   * `address-taken`.
   */
  abstract hold(
    runId: string,
    hostname: string,
    address: string | null,
    extraAddresses?: readonly string[],
  ): Promise<void>;

  /** Who has the name or the address; undefined: nobody. */
  abstract holder(kind: 'hostname' | 'address', value: string): Promise<Holder | undefined>;

  /** Gives back what the run holds; what a host holds stays. */
  abstract release(runId: string): Promise<void>;
}
