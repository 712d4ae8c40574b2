import type { ProblemCode } from '@diaken/contracts';
import type { VimObject } from '../soap/vim-value';
import { moRefOf, numberOf, textOf } from '../soap/vim-value';

/** What a fault means: our code, the cause (the end of “vCenter x: …”) and what to do. */
export interface KnownFault {
  readonly code?: ProblemCode;
  readonly cause: (detail: VimObject) => string;
  readonly remedy: string;
  readonly transient?: boolean;
}

const says = (cause: string) => () => cause;
const named = (value: string) => (value === '' ? '' : ` “${value}”`);
const size = (bytes: number | undefined) =>
  bytes === undefined ? '' : ` (${(bytes / 2 ** 30).toFixed(1)} GiB)`;

/** Faults that operators meet, by their type. A derived fault without an entry takes its ancestor’s. */
export const KNOWN_FAULTS: Readonly<Record<string, KnownFault>> = {
  // who asks
  InvalidLogin: {
    code: 'vcenter-login-refused',
    cause: says('user name or password is wrong, or the account is locked.'),
    remedy: 'Correct the credentials of this vCenter in Diaken.',
  },
  PasswordExpired: {
    code: 'vcenter-login-refused',
    cause: says('the password of the account has expired.'),
    remedy: 'Change it in vCenter, then in Diaken.',
  },
  NoPermission: {
    code: 'vcenter-permission-denied',
    cause: ({ privilegeId, object }) => {
      const where = moRefOf(object);
      const on = where ? ` on ${where.type} ${where.value}` : '';
      const privilege = textOf(privilegeId);
      const what =
        privilege === '' ? 'a privilege that this needs' : `the privilege${named(privilege)}`;
      return `the account lacks ${what}${on}.`;
    },
    remedy: 'Give the account’s role this privilege on the object, with its children.',
  },
  RestrictedVersion: {
    cause: says('its license does not allow changes over the API.'),
    remedy: 'Assign a license that is not restricted.',
  },
  NotEnoughLicenses: {
    cause: says('its licenses do not allow this.'),
    remedy: 'See the licenses of vCenter and of the hosts.',
  },

  // names and objects
  DuplicateName: {
    code: 'name-in-vcenter',
    cause: ({ name }) => `the folder already holds something with the name${named(textOf(name))}.`,
    remedy: 'Choose another name, or remove what has it.',
  },
  AlreadyExists: {
    code: 'name-in-vcenter',
    cause: ({ name }) => `there already is something with the name${named(textOf(name))}.`,
    remedy: 'Choose another name, or remove what has it.',
  },
  InvalidName: {
    cause: ({ name }) => `it does not accept the name${named(textOf(name))}.`,
    remedy: 'Choose a name without special characters, at most 80 long.',
  },
  ManagedObjectNotFound: {
    cause: ({ obj }) => {
      const object = moRefOf(obj);
      return object
        ? `there is no ${object.type} ${object.value} (any more).`
        : 'an object that is needed is gone.';
    },
    remedy: 'Read the inventory again and choose what exists.',
  },

  // resources
  InsufficientResourcesFault: {
    cause: says('the resource pool or its hosts have too little CPU or memory left.'),
    remedy: 'Choose another pool or a smaller machine, or free resources.',
  },
  NoDiskSpace: {
    code: 'not-enough-space',
    cause: ({ datastore }) =>
      `there is too little space on the datastore${named(textOf(datastore))}.`,
    remedy: 'Choose another datastore, or free space on it.',
  },
  InsufficientStorageSpace: {
    code: 'not-enough-space',
    cause: says('there is too little space on the datastore.'),
    remedy: 'Choose another datastore, or free space on it.',
  },
  InvalidDatastore: {
    code: 'placement-missing',
    cause: ({ name }) => `the datastore${named(textOf(name))} cannot be used for this machine.`,
    remedy: 'Choose a datastore that is accessible to the hosts of the cluster.',
  },
  FileAlreadyExists: {
    code: 'name-in-vcenter',
    cause: ({ file }) => `the file${named(textOf(file))} already exists on the datastore.`,
    remedy: 'Remove what an earlier machine of this name left there, or choose another name.',
  },
  FileNotFound: {
    cause: ({ file }) => `the file${named(textOf(file))} is missing on the datastore.`,
    remedy: 'See whether the template is complete and its datastore is accessible.',
  },
  FileLocked: {
    cause: ({ file }) => `the file${named(textOf(file))} is in use.`,
    remedy: 'Wait for backups or copies of the template to end, then try again.',
    transient: true,
  },
  FileFault: {
    cause: ({ file }) => `it cannot work with the file${named(textOf(file))} on the datastore.`,
    remedy: 'See the datastore and the template in vCenter.',
  },
  CannotUseNetwork: {
    cause: ({ device }) => `the network${named(textOf(device))} cannot be used on this host.`,
    remedy: 'Choose a port group that the hosts of the cluster have.',
  },

  // states
  InvalidPowerState: {
    cause: ({ existingState }) =>
      `the machine is in the wrong power state${named(textOf(existingState))}.`,
    remedy: 'See who switched it on or off, then try again.',
  },
  InvalidState: {
    cause: says('the object is in a state in which this cannot be done.'),
    remedy: 'See in vCenter what happens to it, then try again.',
  },
  TaskInProgress: {
    cause: says('another task works on the same object.'),
    remedy: 'The next attempt waits for it. If it hangs, see the tasks of the object in vCenter.',
    transient: true,
  },
  ConcurrentAccess: {
    cause: says('somebody else changed the object at the same time.'),
    remedy: 'The next attempt reads it again.',
    transient: true,
  },
  HostNotConnected: {
    cause: says('the host is not connected to vCenter.'),
    remedy: 'Reconnect the host, or choose another cluster.',
    transient: true,
  },
  HostCommunication: {
    cause: says('vCenter cannot talk to the host.'),
    remedy: 'See the host’s connection in vCenter.',
    transient: true,
  },
  Timedout: {
    cause: says('vCenter gave up waiting.'),
    remedy: 'The host or the storage may be overloaded; try again later.',
    transient: true,
  },
  RequestCanceled: {
    cause: says('the task was cancelled in vCenter.'),
    remedy: 'Ask who cancelled it, then try again.',
  },

  // customization
  NicSettingMismatch: {
    cause: ({ numberOfNicsInSpec, numberOfNicsInVM }) =>
      `the machine has ${numberOf(numberOfNicsInVM) ?? 'another number of'} network adapters, and ` +
      `${numberOf(numberOfNicsInSpec) ?? 'others'} were to be given addresses.`,
    remedy: 'See the network adapters of the template.',
  },
  CustomizationPending: {
    cause: says('another customization waits for the next start of the machine.'),
    remedy: 'Start the machine once, or remove it and try again.',
  },
  UncustomizableGuest: {
    cause: ({ uncustomizableGuestOS }) =>
      `the guest system${named(textOf(uncustomizableGuestOS))} cannot be customized.`,
    remedy: 'Set the template’s guest system to the one that it has, and install VMware Tools.',
  },
  CustomizationFault: {
    cause: says('the guest cannot be given its name and address.'),
    remedy: 'Install VMware Tools (open-vm-tools) and Perl or cloud-init in the template.',
  },
  ToolsUnavailable: {
    cause: says('VMware Tools do not run in the guest.'),
    remedy: 'Install or start VMware Tools (open-vm-tools) in the template.',
  },

  // the rest
  InvalidArgument: {
    cause: ({ invalidProperty }) => `it does not accept a value${named(textOf(invalidProperty))}.`,
    remedy: 'See whether the sizes and objects asked for fit each other.',
  },
  MemorySizeNotSupported: {
    cause: ({ memorySizeMB }) =>
      `the memory size${size((numberOf(memorySizeMB) ?? 0) * 2 ** 20)} is not supported.`,
    remedy: 'Ask for a size that the guest system and the host support.',
  },
  VmConfigFault: {
    cause: says('the hosts cannot run the machine as it is configured.'),
    remedy: 'See the hardware of the template and what was asked for.',
  },
  MigrationFault: {
    cause: says('the machine cannot be placed there.'),
    remedy: 'See whether the cluster, the datastore and the network belong together.',
  },
  NotSupported: {
    cause: says('it does not support this here.'),
    remedy: 'See the version of vCenter and the state of the object.',
  },
};
