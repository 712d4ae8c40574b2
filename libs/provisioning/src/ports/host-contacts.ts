import type { HostContact } from '@diaken/contracts';

/** A host that somebody wants to log in to. */
export interface ContactHost {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly sshPort: number;
  readonly credentialId: string;
  /** Null: nobody has been in contact with it yet. */
  readonly hostKey: string | null;
  /** The virtual machine that it is, where that is known. */
  readonly machine: { readonly vcenterId: string; readonly instanceUuid: string } | null;
}

/** Whether hosts can be logged in to, as the inventory of hosts shows it. */
export abstract class HostContacts {
  /** The hosts of these ids in the order of names; archived ones left out. */
  abstract find(hostIds: readonly string[]): Promise<readonly ContactHost[]>;

  /**
   * Pins this host key in place of the one that the host had, and notes that the run has logged in. False when the host
   * was changed or archived meanwhile.
   */
  abstract pin(runId: string, host: ContactHost, hostKey: string): Promise<boolean>;

  /**
   * Notes that the run has logged in, and pins the host key where there is none. Does nothing when the host was changed
   * or archived meanwhile.
   */
  abstract reached(runId: string, host: ContactHost, hostKey: string): Promise<void>;

  /** Notes why the run could not log in. */
  abstract notReached(
    runId: string,
    hostId: string,
    failure: NonNullable<HostContact['failure']>,
  ): Promise<void>;
}
