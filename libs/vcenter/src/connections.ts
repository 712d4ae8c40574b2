import { ProvisioningFailure } from '@diaken/provisioning';
import type { ConnectedVCenter } from './connected-vcenter';
import { VimConnection } from './session/vim-connection';
import { WatchList } from './tasks/watch-list';
import type { VCenterAccess, VCenterDirectory } from './vcenter-directory';

/** How patiently vCenters are asked. */
export interface VsphereOptions {
  /** How long one call may take. */
  readonly callTimeoutMs: number;
  /** How often tasks and machines that somebody waits for are looked at. */
  readonly pollEveryMs: number;
}

interface Connection extends ConnectedVCenter {
  readonly revision: string;
  users: number;
  retired: boolean;
}

/** One connection to each vCenter, made when it is first asked and again when its access changes. */
export class Connections {
  private readonly byId = new Map<string, Connection>();

  constructor(
    private readonly directory: VCenterDirectory,
    private readonly options: VsphereOptions,
  ) {}

  /** Runs work with the connection to a vCenter. */
  async use<T>(vcenterId: string, work: (vcenter: ConnectedVCenter) => Promise<T>): Promise<T> {
    const connection = this.connectionOf(await this.directory.find(vcenterId));
    connection.users += 1;
    try {
      return await work(connection);
    } finally {
      connection.users -= 1;
      if (connection.retired && connection.users === 0) void connection.connection.close();
    }
  }

  /** Logs out everywhere. Whoever still waits gets a transient failure. */
  async close(): Promise<void> {
    const all = [...this.byId.values()];
    this.byId.clear();
    await Promise.all(
      all.map(({ connection, watches }) => {
        watches.close(closed(connection.label));
        return connection.close();
      }),
    );
  }

  private connectionOf(access: VCenterAccess): Connection {
    const current = this.byId.get(access.id);
    if (current?.revision === access.revision) return current;
    if (current) this.retire(current);
    const connection = new VimConnection(access, this.options.callTimeoutMs);
    const watches = new WatchList(connection, this.options.pollEveryMs);
    const made = { connection, watches, revision: access.revision, users: 0, retired: false };
    this.byId.set(access.id, made);
    return made;
  }

  /** Whoever uses it finishes with it. */
  private retire(connection: Connection): void {
    connection.retired = true;
    if (connection.users === 0) void connection.connection.close();
  }
}

function closed(label: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'vcenter-unreachable',
    cause: `The connection to ${label} was closed, because this process stops.`,
    remedy: 'Another worker goes on with it.',
    transient: true,
  });
}
