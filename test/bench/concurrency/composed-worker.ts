import { randomBytes } from 'node:crypto';
import {
  openVCenterPassword,
  PostgresAddressBook,
  PostgresHostContacts,
  PostgresHostRegister,
  PostgresHostResults,
  PostgresInventoryBook,
  PostgresLibraryChecks,
  PostgresMachineOwners,
  PostgresPlaybookLibrary,
  PostgresProjectShelf,
  PostgresRunStore,
  RunClaims,
  VCenterEntity,
} from '@diaken/persistence';
import { PipelineRunner } from '@diaken/pipeline';
import { pipelinesOf } from '@diaken/provisioning';
import {
  FakeAnsible,
  FakeGitSource,
  FakeNetworkProbe,
  FakeNotifier,
  FakeSyntaxChecker,
  FakeVCenterProbe,
  FakeVariableBook,
} from '@diaken/provisioning/testing';
import { encryptionKeys, SecretBox } from '@diaken/runtime';
import { type VCenterAccess, VCenterDirectory } from '@diaken/vcenter';
import type { DataSource } from 'typeorm';
import { RememberingVCenter, SimulatedGuests } from './simulated-guests';

/** As the worker has them, see worker.module.ts. */
const LEASE = { leaseMs: 12_000, renewEveryMs: 3_000 };
/** The default of DIAKEN_VCENTER_POLL_MS. */
const POLL_EVERY_MS = 1_000;

/** Seals and opens as the servers do. */
export const BOX = new SecretBox(encryptionKeys(`bench:${randomBytes(32).toString('base64')}`));

/** The parts of a worker without its jobs, its playbooks and its SSH: whatever happens is seen in this process. */
export class ComposedWorker {
  /** What no step had expected. */
  readonly unexpected: unknown[] = [];
  readonly vcenter: RememberingVCenter;
  private readonly claims: RunClaims;
  private readonly runner: PipelineRunner;

  constructor(database: DataSource) {
    this.vcenter = new RememberingVCenter(new DirectoryInDatabase(database), {
      pollEveryMs: POLL_EVERY_MS,
    });
    const pipelines = pipelinesOf({
      vcenter: this.vcenter,
      probe: new FakeVCenterProbe(),
      guests: new SimulatedGuests(this.vcenter),
      ansible: new FakeAnsible(),
      addresses: new PostgresAddressBook(database),
      hosts: new PostgresHostRegister(database),
      contacts: new PostgresHostContacts(database),
      results: new PostgresHostResults(database),
      playbooks: new PostgresPlaybookLibrary(database),
      variables: new FakeVariableBook(),
      libraryChecks: new PostgresLibraryChecks(database),
      syntax: new FakeSyntaxChecker(),
      projects: new PostgresProjectShelf(database),
      git: new FakeGitSource(),
      inventory: new PostgresInventoryBook(database),
      owners: new PostgresMachineOwners(database),
      network: new FakeNetworkProbe(),
      notifier: new FakeNotifier(),
    });
    this.claims = new RunClaims(database, { worker: 'bench', leaseMs: LEASE.leaseMs });
    this.runner = new PipelineRunner(new PostgresRunStore(database, LEASE.leaseMs), pipelines, {
      ...LEASE,
      observer: { unexpected: (error) => void this.unexpected.push(error) },
    });
  }

  /**
   * Takes all runs that wait, as a worker with room for them does, and takes them to their end. Answers after how long
   * it had them all, ms.
   */
  async workOff(): Promise<number> {
    const start = performance.now();
    const never = new AbortController().signal;
    const work: Promise<unknown>[] = [];
    const next = () => this.claims.next({ kinds: ['deploy-vm'], hasRoom: true });
    for (let lease = await next(); lease; lease = await next()) {
      work.push(this.runner.advance(lease, never));
    }
    const claimedMs = performance.now() - start;
    await Promise.all(work);
    return claimedMs;
  }
}

/** The vCenters in PostgreSQL, read before each call as the worker does. */
class DirectoryInDatabase extends VCenterDirectory {
  constructor(private readonly database: DataSource) {
    super();
  }

  override async find(vcenterId: string): Promise<VCenterAccess> {
    const vcenter = await this.database.manager.findOneByOrFail(VCenterEntity, { id: vcenterId });
    const { id, name, url, username, tls, updatedAt } = vcenter;
    const password = openVCenterPassword(BOX, vcenter);
    return { id, name, url, username, tls, password, revision: updatedAt.toISOString() };
  }
}
