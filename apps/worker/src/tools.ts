import { resolve } from 'node:path';
import {
  GuestLogins,
  LocalAnsible,
  LocalGitSource,
  LocalSyntaxChecker,
  SshGuestShell,
  WinrmLogin,
} from '@diaken/ansible';
import {
  PostgresAddressBook,
  PostgresHostContacts,
  PostgresHostRegister,
  PostgresHostResults,
  PostgresInventoryBook,
  PostgresLibraryChecks,
  PostgresMachineOwners,
  PostgresPlaybookLibrary,
  PostgresProjectShelf,
} from '@diaken/persistence';
import type { ProvisioningTools } from '@diaken/provisioning';
import { type Configuration, SecretBox } from '@diaken/runtime';
import { VsphereInventoryFeed, VsphereVCenter, VsphereVCenterProbe } from '@diaken/vcenter';
import type { DataSource } from 'typeorm';
import { StoredCredentialDirectory } from './directories/stored-credential-directory';
import { StoredGuestPasswords } from './directories/stored-guest-passwords';
import { StoredVariableBook } from './directories/stored-variable-book';
import { StoredVCenterDirectory } from './directories/stored-vcenter-directory';
import { TcpNetworkProbe } from './probes/tcp-network-probe';
import { LoggedNotifier } from './runs/logged-notifier';

/** The adapters, plugged in. */
export interface PluggedTools extends ProvisioningTools {
  readonly vcenter: VsphereVCenter;
  readonly ansible: LocalAnsible;
  readonly feed: VsphereInventoryFeed;
}

/** Plugs every port of the domain into its adapter: the composition root. */
export function plugTools(configuration: Configuration, database: DataSource): PluggedTools {
  const box = new SecretBox(configuration.DIAKEN_ENCRYPTION_KEYS);
  const credentials = new StoredCredentialDirectory(database, box);
  const assetsFolder = resolve(import.meta.dirname, 'ansible');
  const vcenters = new StoredVCenterDirectory(database, box);
  return {
    vcenter: new VsphereVCenter(
      vcenters,
      { pollEveryMs: configuration.DIAKEN_VCENTER_POLL_MS },
      new StoredGuestPasswords(credentials),
    ),
    probe: new VsphereVCenterProbe(vcenters),
    feed: new VsphereInventoryFeed(vcenters),
    guests: new GuestLogins(
      credentials,
      new SshGuestShell(credentials),
      new WinrmLogin({ assetsFolder }),
    ),
    ansible: new LocalAnsible({
      runsFolder: resolve(configuration.DIAKEN_DATA_FOLDER, 'plays'),
      assetsFolder,
      credentials,
    }),
    addresses: new PostgresAddressBook(database),
    hosts: new PostgresHostRegister(database),
    contacts: new PostgresHostContacts(database),
    results: new PostgresHostResults(database),
    playbooks: new PostgresPlaybookLibrary(database),
    variables: new StoredVariableBook(database, box),
    libraryChecks: new PostgresLibraryChecks(database),
    projects: new PostgresProjectShelf(database),
    git: new LocalGitSource({
      fetchFolder: resolve(configuration.DIAKEN_DATA_FOLDER, 'fetches'),
      credentials,
    }),
    syntax: new LocalSyntaxChecker({
      checksFolder: resolve(configuration.DIAKEN_DATA_FOLDER, 'checks'),
      assetsFolder,
    }),
    inventory: new PostgresInventoryBook(database),
    owners: new PostgresMachineOwners(database),
    network: new TcpNetworkProbe(),
    notifier: new LoggedNotifier(),
  };
}
