import type { AddressBook } from './ports/address-book';
import type { Ansible } from './ports/ansible';
import type { GitSource } from './ports/git-source';
import type { GuestShell } from './ports/guest-shell';
import type { HostContacts } from './ports/host-contacts';
import type { HostRegister } from './ports/host-register';
import type { HostResults } from './ports/host-results';
import type { InventoryBook } from './ports/inventory-book';
import type { LibraryChecks } from './ports/library-checks';
import type { MachineOwners } from './ports/machine-owners';
import type { NetworkProbe } from './ports/network-probe';
import type { Notifier } from './ports/notifier';
import type { PlaybookLibrary } from './ports/playbook-library';
import type { VariableBook } from './ports/variable-book';
import type { ProjectShelf } from './ports/project-shelf';
import type { SyntaxChecker } from './ports/syntax-checker';
import type { VCenter } from './ports/vcenter';
import type { VCenterProbe } from './ports/vcenter-probe';

/** Everything outside that steps work with. */
export interface ProvisioningTools {
  readonly vcenter: VCenter;
  readonly probe: VCenterProbe;
  readonly guests: GuestShell;
  readonly ansible: Ansible;
  readonly addresses: AddressBook;
  readonly hosts: HostRegister;
  readonly contacts: HostContacts;
  readonly results: HostResults;
  readonly playbooks: PlaybookLibrary;
  readonly variables: VariableBook;
  readonly libraryChecks: LibraryChecks;
  readonly syntax: SyntaxChecker;
  readonly projects: ProjectShelf;
  readonly git: GitSource;
  readonly inventory: InventoryBook;
  readonly owners: MachineOwners;
  readonly network: NetworkProbe;
  readonly notifier: Notifier;
}

/** Tools that are not there: enough to read a pipeline's plan, not to run it. */
export const NO_TOOLS = {} as ProvisioningTools;
