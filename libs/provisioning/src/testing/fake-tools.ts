import type { ProvisioningTools } from '../tools';
import { FakeAddressBook } from './fake-address-book';
import { FakeAnsible } from './fake-ansible';
import { FakeGuestShell } from './fake-guest-shell';
import { FakeHostContacts } from './fake-host-contacts';
import { FakeHostRegister } from './fake-host-register';
import { FakeHostResults } from './fake-host-results';
import { FakeInventoryBook } from './fake-inventory-book';
import { FakeMachineOwners } from './fake-machine-owners';
import { FakeNetworkProbe } from './fake-network-probe';
import { FakeNotifier } from './fake-notifier';
import { FakePlaybookLibrary } from './fake-playbook-library';
import { FakeVariableBook } from './fake-variable-book';
import { FakeVCenter } from './fake-vcenter';

/** Fakes of everything outside, wired to each other: what one changes, the others see. */
export function fakeTools() {
  const vcenter = new FakeVCenter();
  const addresses = new FakeAddressBook();
  const hosts = new FakeHostRegister(addresses);
  return {
    vcenter,
    guests: new FakeGuestShell(vcenter),
    ansible: new FakeAnsible(),
    addresses,
    hosts,
    contacts: new FakeHostContacts(),
    results: new FakeHostResults(),
    playbooks: new FakePlaybookLibrary(),
    variables: new FakeVariableBook(),
    inventory: new FakeInventoryBook(),
    owners: new FakeMachineOwners(hosts),
    network: new FakeNetworkProbe(),
    notifier: new FakeNotifier(),
  } satisfies ProvisioningTools;
}

export type FakeTools = ReturnType<typeof fakeTools>;
