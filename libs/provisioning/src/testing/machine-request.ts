import {
  type GuestSettings,
  type MachineRequest,
  type ObjectRef,
  type Placement,
  WITHOUT_PROFILE,
} from '@diaken/contracts';

export const VCENTER_ID = '0f0e0d0c-0b0a-4900-8000-000000000001';
export const CREDENTIAL_ID = '0f0e0d0c-0b0a-4900-8000-000000000002';
/** The run that tests take through its steps. */
export const RUN_ID = '0f0e0d0c-0b0a-4900-8000-00000000000a';

const ref = (moRef: string, name: string): ObjectRef => ({ moRef, name });

/** The port group to configure machines on, where a request asks for one. */
export const STAGING = ref('network-2', 'Staging');

/** Where the machine of a request goes; all of it is in the fake vCenter. */
export function placement(overrides: Partial<Placement> = {}): Placement {
  return {
    template: ref('vm-1', 'debian-12'),
    datacenter: ref('datacenter-1', 'DC0'),
    cluster: ref('domain-c1', 'C0'),
    resourcePool: ref('resgroup-1', 'Resources'),
    datastore: ref('datastore-1', 'DS0'),
    folder: ref('group-v1', 'vm'),
    portGroup: ref('network-1', 'VM Network'),
    stagingPortGroup: null,
    ...overrides,
  };
}

/** The network settings of a request. */
export function guestNetwork(
  overrides: Partial<MachineRequest['network']> = {},
): MachineRequest['network'] {
  return {
    portGroup: 'VM Network',
    cidr: '10.1.0.0/24',
    address: '10.1.0.20',
    gateway: '10.1.0.1',
    dns: ['10.1.0.2'],
    ...overrides,
  };
}

/** A request whose template has a profile. */
export function requestFor(
  guest: Partial<GuestSettings>,
  overrides: Partial<MachineRequest> = {},
): MachineRequest {
  const byDhcp = guest.address === 'dhcp' && { network: { portGroup: 'VM Network', dns: [] } };
  const settings = { ...WITHOUT_PROFILE, ...guest };
  return machineRequest({ guest: settings, ...byDhcp, ...overrides });
}

/** A request that the fakes can meet. */
export function machineRequest(overrides: Partial<MachineRequest> = {}): MachineRequest {
  return {
    hostname: 'web-01',
    vcenterId: VCENTER_ID,
    template: 'debian-12',
    cluster: 'C0',
    datastore: 'DS0',
    cpus: 2,
    memoryMb: 2_048,
    extraDisks: [],
    network: guestNetwork(),
    extraNetworks: [],
    credentialId: CREDENTIAL_ID,
    sshPort: 22,
    playbookIds: [],
    extraVars: {},
    priority: 4,
    retry: { attempts: 1, delaySeconds: 30, backoff: 'exponential' },
    onFailure: { machine: 'keep' },
    placement: placement(),
    requestedBy: 'alice',
    ...overrides,
  };
}
