import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { InventoryObject, MachineRequest, Placement } from '@diaken/contracts';
import { type Lab, startLab } from '@diaken/lab';
import {
  CredentialEntity,
  databaseOptions,
  migrate,
  sealVCenterPassword,
  VCenterEntity,
} from '@diaken/persistence';
import { guestNetwork, machineRequest } from '@diaken/provisioning/testing';
import type { VsphereVCenter } from '@diaken/vcenter';
import { DataSource } from 'typeorm';
import { ROOT } from '../../support/system';
import { type BenchServers, startBenchServers } from '../bench-servers';
import { CONCURRENCY } from '../bounds';
import { bareVCenter } from './bare-chains';
import { BOX, ComposedWorker } from './composed-worker';
import { StatementCount } from './statement-count';

/** A worker in this process, a PostgreSQL of its own, and the simulated vCenter. */
export interface ConcurrencyBench {
  readonly servers: BenchServers;
  readonly database: DataSource;
  readonly lab: Lab;
  /** What the worker asks of PostgreSQL. */
  readonly statements: StatementCount;
  readonly worker: ComposedWorker;
  /** An adapter that nothing else uses, for machines that no run makes. */
  readonly bare: VsphereVCenter;
  /** Requests for so many machines that nobody has asked for before. */
  machines(count: number): readonly MachineRequest[];
}

export async function startConcurrencyBench(): Promise<ConcurrencyBench> {
  const servers = await startBenchServers();
  try {
    await migrate(servers.databaseUrl);
    const statements = new StatementCount();
    const database = await new DataSource({
      ...databaseOptions(servers.databaseUrl),
      ...{ logging: ['query'], logger: statements },
    }).initialize();
    servers.onStop(() => database.destroy());
    const lab = await startLab({
      ...{ root: ROOT, stateFolder: join(servers.folder, 'lab'), guests: false },
      taskTimeMs: CONCURRENCY.taskMs,
    });
    servers.onStop(() => lab.stop());
    const ids = await register(database, lab);
    const worker = new ComposedWorker(database);
    servers.onStop(() => worker.vcenter.close());
    const never = new AbortController().signal;
    const placement = placementIn(
      (await worker.vcenter.readInventory(ids.vcenterId, never)).objects,
    );
    const bare = bareVCenter(lab);
    servers.onStop(() => bare.close());
    let asked = 0;
    const machines = (count: number) =>
      Array.from({ length: count }, () => requestOf(asked++, { ...ids, placement }));
    return { servers, database, statements, lab, worker, bare, machines };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

/** Stores the lab's vCenter, and a credential that nobody will use. */
async function register(database: DataSource, lab: Lab) {
  const [vcenterId, credentialId, now] = [randomUUID(), randomUUID(), new Date()];
  const { url, username, certificateSha256: sha256 } = lab;
  await database.manager.insert(VCenterEntity, {
    ...{ id: vcenterId, name: 'Lab', url, username, tls: { mode: 'pin', sha256 } },
    sealedPassword: sealVCenterPassword(BOX, vcenterId, lab.password),
    ...{ syncedAt: now, createdAt: now, updatedAt: now },
  });
  await database.manager.insert(CredentialEntity, {
    ...{ id: credentialId, name: 'Guests', kind: 'ssh-key', username: 'root' },
    ...{ sealedSecrets: '', fingerprint: '', hasBecomePassword: false, createdAt: now },
  });
  return { vcenterId, credentialId };
}

/** Where the lab's machines go; see its README for what there is. */
function placementIn(inventory: readonly InventoryObject[]): Placement {
  const find = (is: (object: InventoryObject) => boolean) => {
    const found = inventory.find(is);
    if (!found) {
      throw new Error('The lab has another inventory than this bench knows');
    }
    return { moRef: found.moRef, name: found.name };
  };
  const named = (kind: InventoryObject['kind'], name: string) =>
    find((object) => object.kind === kind && object.name === name);
  const cluster = named('cluster', 'DC0_C0');
  return {
    ...{ template: named('template', 'debian-12'), datacenter: named('datacenter', 'DC0') },
    ...{ cluster, datastore: named('datastore', 'LocalDS_0') },
    resourcePool: find(
      ({ kind, details }) => kind === 'resource-pool' && details['owner'] === cluster.moRef,
    ),
    folder: find(({ kind, details }) => kind === 'folder' && details['root'] === true),
    ...{ portGroup: named('network', 'DC0_DVPG0'), stagingPortGroup: null },
  };
}

function requestOf(
  number: number,
  ids: Pick<MachineRequest, 'vcenterId' | 'credentialId' | 'placement'>,
): MachineRequest {
  const address = `10.66.${number >> 7}.${1 + (number & 0x7f)}`;
  return machineRequest({
    ...{ ...ids, hostname: `bench-${String(number).padStart(4, '0')}` },
    network: guestNetwork({
      ...{ portGroup: 'DC0_DVPG0', cidr: '10.66.0.0/16', gateway: '10.66.255.1', address },
    }),
  });
}
