import type { ProvisioningTools } from '../tools';
import { FakeAddressBook } from './fake-address-book';
import { FakeAnsible } from './fake-ansible';
import { FakeGitSource } from './fake-git-source';
import { FakeGuestShell } from './fake-guest-shell';
import { FakeHostContacts } from './fake-host-contacts';
import { FakeHostRegister } from './fake-host-register';
import { FakeHostResults } from './fake-host-results';
import { FakeInventoryBook } from './fake-inventory-book';
import { FakeLibraryChecks } from './fake-library-checks';
import { FakeMachineOwners } from './fake-machine-owners';
import { FakeNetworkProbe } from './fake-network-probe';
import { FakeNotifier } from './fake-notifier';
import { FakePlaybookLibrary } from './fake-playbook-library';
import { FakeVariableBook } from './fake-variable-book';
import { FakeProjectShelf } from './fake-project-shelf';
import { FakeSyntaxChecker } from './fake-syntax-checker';
import { FakeVCenter } from './fake-vcenter';
import { FakeVCenterProbe } from './fake-vcenter-probe';

/** Fakes of everything outside, wired to each other: what one changes, the others see. */
export function fakeTools() {
  const vcenter = new FakeVCenter();
  const addresses = new FakeAddressBook();
  const hosts = new FakeHostRegister(addresses);
  const ansible = new FakeAnsible();
  ansible.effects.set('address-linux', ({ extraVars }) =>
    readdress(vcenter, String(extraVars['diaken_staging']), String(extraVars['diaken_address'])),
  );
  return {
    vcenter,
    probe: new FakeVCenterProbe(),
    guests: new FakeGuestShell(vcenter),
    ansible,
    addresses,
    hosts,
    contacts: new FakeHostContacts(),
    results: new FakeHostResults(),
    playbooks: new FakePlaybookLibrary(),
    variables: new FakeVariableBook(),
    libraryChecks: new FakeLibraryChecks(),
    syntax: new FakeSyntaxChecker(),
    projects: new FakeProjectShelf(),
    git: new FakeGitSource(),
    inventory: new FakeInventoryBook(),
    owners: new FakeMachineOwners(hosts),
    network: new FakeNetworkProbe(),
    notifier: new FakeNotifier(),
  } satisfies ProvisioningTools;
}

export type FakeTools = ReturnType<typeof fakeTools>;

/** The guest at an address changes it. */
function readdress({ machines }: FakeVCenter, from: string, to: string): void {
  for (const machine of machines.values()) {
    if (machine.addresses.includes(from)) {
      machine.addresses = [to];
    }
  }
}
