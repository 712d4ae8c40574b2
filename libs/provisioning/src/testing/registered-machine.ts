import type { RegisteredMachine } from '@diaken/contracts';
import { CREDENTIAL_ID, VCENTER_ID } from './machine-request';
import type { FakeMachine } from './fake-machine';
import type { FakeTools } from './fake-tools';

/** The run that made the machine of a registered host. */
export const MAKER_RUN = '0f0e0d0c-0b0a-4900-8000-0000000000d1';

/** A host whose machine is in the fake vCenter, with its name and address held. */
export async function registeredMachine(
  { vcenter, hosts, addresses }: FakeTools,
  change: Partial<FakeMachine> = {},
): Promise<{ readonly host: RegisteredMachine; readonly machine: FakeMachine }> {
  const machine = vcenter.add({
    ...{ name: 'web-01', run: MAKER_RUN, instanceUuid: MAKER_RUN, poweredOn: true },
    ...{ toolsRunning: true, addresses: ['10.1.0.20'], ...change },
  });
  await addresses.hold(MAKER_RUN, 'web-01', '10.1.0.20');
  const { moRef: vmMoRef, instanceUuid: vmInstanceUuid } = machine;
  const hostId = await hosts.register({
    ...{ name: 'web-01', address: '10.1.0.20', sshPort: 22, osFamily: 'debian' },
    ...{ hostKey: 'ssh-ed25519 A', credentialId: CREDENTIAL_ID, environmentId: null, groupIds: [] },
    ...{ vcenterId: VCENTER_ID, vmMoRef, vmInstanceUuid, createdByRun: MAKER_RUN },
  });
  const vcenterId = VCENTER_ID;
  const names = { hostId, hostname: 'web-01', createdByRun: MAKER_RUN };
  return { host: { ...names, vcenterId, vmMoRef, vmInstanceUuid }, machine };
}
