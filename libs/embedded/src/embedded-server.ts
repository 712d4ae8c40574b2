import type { ProcessIdentity } from './process-identity';
import type { ServerName } from './registered-users';
import type { ServerMemory, ServerSettings } from './server-memory';

/** A server that can be started for one data folder. */
export interface EmbeddedServer {
  readonly name: ServerName;
  readonly memory: ServerMemory;
  /** Makes the folder, the data and the password where they are missing. */
  prepare(durable: boolean): Promise<void>;
  /** The process that serves this folder now, whoever started it. */
  findRunning(): Promise<ProcessIdentity | undefined>;
  /** Starts a process; throws `port-taken` when somebody else got the port meanwhile. */
  start(settings: ServerSettings): Promise<void>;
  /** Waits until the running process answers. */
  untilReady(running: ProcessIdentity, port: number): Promise<void>;
  /** Ends the running process and waits until it is gone. */
  stop(running: ProcessIdentity): Promise<void>;
  /** The address with user and password. */
  url(port: number): Promise<string>;
}
