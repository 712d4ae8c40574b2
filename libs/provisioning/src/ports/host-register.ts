import type { HostView } from '@diaken/contracts';

/** A machine that is ready to become a host. */
export type NewHost = Omit<HostView, 'id' | 'createdAt'>;

/** The inventory of hosts. */
export abstract class HostRegister {
  /** Registers the machine of a run, once; hands name and address over from the run. Answers the host's id. */
  abstract register(host: NewHost): Promise<string>;

  /** Takes the run's host out of the inventory again; nothing when there is none. */
  abstract unregister(runId: string): Promise<void>;
}
