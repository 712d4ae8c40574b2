import type { OsFamily } from '@diaken/contracts';

/** A machine that is ready to become a host. */
export interface NewHost {
  readonly name: string;
  readonly address: string;
  readonly sshPort: number;
  readonly osFamily: OsFamily;
  /** Null: nobody has logged in to it. */
  readonly hostKey: string | null;
  readonly credentialId: string;
  readonly environmentId: string | null;
  /** Groups of its environment. */
  readonly groupIds: readonly string[];
  readonly vcenterId: string;
  readonly vmMoRef: string;
  readonly vmInstanceUuid: string;
  readonly createdByRun: string;
}

/** The inventory of hosts. */
export abstract class HostRegister {
  /**
   * Registers the machine of a run, once; hands name and address over from the run. Answers the host's id.
   * Throws `already-a-host`.
   */
  abstract register(host: NewHost): Promise<string>;

  /** Whether the host is in use: there, and not archived. */
  abstract has(hostId: string): Promise<boolean>;

  /** Archives a host; its name and its addresses are free with it. Nothing when it is archived already, or not there. */
  abstract archive(hostId: string, archivedBy: string): Promise<void>;

  /** Takes the run's host out of the inventory again; nothing when there is none. */
  abstract unregister(runId: string): Promise<void>;
}
