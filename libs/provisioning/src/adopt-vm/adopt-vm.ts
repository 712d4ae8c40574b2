import type { MachineAdoption } from '@diaken/contracts';
import { defineStep, pipeline } from '@diaken/pipeline';
import {
  minutes,
  seconds,
  type WithHost,
  type WithHostKey,
  type WithMachine,
} from '../deploy-vm/facts';
import { proveIdentity } from '../deploy-vm/identity';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';

/** Makes sure that name and address are this run's from here on. */
const reserveName = ({ addresses }: ProvisioningTools) =>
  defineStep<MachineAdoption, object>({
    name: 'reserve-name',
    title: 'Reserve name and address',
    timeoutMs: minutes(1),
    run: async ({ name, address }, at) => {
      await addresses.hold(at.runId, name, address);
      return {};
    },
    undone: 'though-not-begun', // the request itself has reserved them
    undo: async ({ name, address }, at) => {
      await addresses.release(at.runId);
      at.log(`${name} and ${address} are no longer reserved for this run.`);
    },
  });

/** Looks the machine up in vCenter itself: what our inventory says of it may be old. */
const findMachine = ({ vcenter }: ProvisioningTools) =>
  defineStep<MachineAdoption, WithMachine>({
    name: 'find-machine',
    title: 'Find the virtual machine',
    timeoutMs: minutes(2),
    retry: { attempts: 4, delayMs: seconds(2), backoff: 2 },
    run: async ({ vcenterId, instanceUuid, machine: called }, at) => {
      const machine = await vcenter.findByInstanceUuid(vcenterId, instanceUuid, at.signal);
      if (!machine) {
        throw new ProvisioningFailure({
          code: 'machine-missing',
          cause: `The virtual machine ${called} (instance UUID ${instanceUuid}) is not in vCenter any more.`,
          remedy: 'Roll the run back, have the inventory read anew, and adopt what there is.',
        });
      }
      at.log(`Found ${called}: ${machine.moRef}.`);
      return { machine };
    },
  });

/** Logs in, and proves that whoever answers is the machine: then its host key is pinned. Changes nothing on it. */
const logIn = ({ guests }: ProvisioningTools) =>
  defineStep<MachineAdoption & WithMachine, WithHostKey>({
    name: 'log-in',
    title: 'Log in to the guest',
    timeoutMs: minutes(2),
    retry: { attempts: 4, delayMs: seconds(3), backoff: 2 },
    run: async ({ machine, address, sshPort, credentialId }, at) => {
      const guest = await guests.identify({ address, port: sshPort, credentialId }, at.signal);
      proveIdentity(guest, machine, address);
      at.log(`Logged in to ${address}: it is the machine. Pinned ${guest.hostKey.split(' ')[0]}.`);
      return { hostKey: guest.hostKey };
    },
  });

/** Puts the machine into the inventory of hosts; name and address are the host's from here on. */
const registerHost = ({ hosts }: ProvisioningTools) =>
  defineStep<MachineAdoption & WithMachine & WithHostKey, WithHost>({
    name: 'register-host',
    title: 'Register the host',
    timeoutMs: minutes(1),
    lastToUse: ['credentialId'],
    run: async ({ machine, hostKey, ...asked }, at) => {
      const hostId = await hosts.register({
        ...{ name: asked.name, address: asked.address, sshPort: asked.sshPort, hostKey },
        ...{ osFamily: asked.osFamily, credentialId: asked.credentialId },
        ...{ environmentId: asked.environmentId, groupIds: asked.groupIds },
        ...{ vcenterId: asked.vcenterId, vmMoRef: machine.moRef },
        ...{ vmInstanceUuid: machine.instanceUuid, createdByRun: at.runId },
      });
      at.log(`Registered as host ${hostId}.`);
      return { hostId };
    },
    undo: async ({ name }, at) => {
      await hosts.unregister(at.runId);
      at.log(`${name} is out of the inventory of hosts.`);
    },
  });

/** Makes a virtual machine that there is a host. Touches neither the machine nor its guest. */
export const adoptVm = (tools: ProvisioningTools) =>
  pipeline<MachineAdoption>('adopt-vm')
    .step(reserveName(tools))
    .step(findMachine(tools))
    .step(logIn(tools))
    .step(registerHost(tools))
    .build();
