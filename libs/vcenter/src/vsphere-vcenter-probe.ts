import { type VCenterAbout, VCenterProbe } from '@diaken/provisioning';
import { isFault } from './problems/fault-failure';
import { VimConnection } from './session/vim-connection';
import { objectsOf, textOf, type VimValue } from './soap/vim-value';
import type { VCenterDirectory } from './vcenter-directory';

const CALL_TIMEOUT_MS = 20_000;

/** What the account of a run calls in vCenter needs. */
const PRIVILEGES = [
  'System.Read',
  'VirtualMachine.Provisioning.DeployTemplate',
  'VirtualMachine.Provisioning.Customize',
  'VirtualMachine.Inventory.CreateFromExisting',
  'VirtualMachine.Inventory.Delete',
  'VirtualMachine.Config.CPUCount',
  'VirtualMachine.Config.Memory',
  'VirtualMachine.Config.DiskExtend',
  'VirtualMachine.Config.AddNewDisk',
  'VirtualMachine.Config.EditDevice',
  'VirtualMachine.Config.AdvancedConfig',
  'VirtualMachine.Config.Annotation',
  'VirtualMachine.Interact.PowerOn',
  'VirtualMachine.Interact.PowerOff',
  'Resource.AssignVMToPool',
  'Datastore.AllocateSpace',
  'Network.Assign',
];

/** Tries vCenters in sessions of its own: what a common session remembers of a refusal does not count. */
export class VsphereVCenterProbe extends VCenterProbe {
  constructor(private readonly directory: VCenterDirectory) {
    super();
  }

  override greet(vcenterId: string, signal: AbortSignal): Promise<VCenterAbout> {
    return this.with(vcenterId, async (connection) => {
      const about = await connection.about(signal);
      return {
        product: textOf(about['fullName']),
        apiVersion: textOf(about['apiVersion']),
        instanceUuid: textOf(about['instanceUuid']).toLowerCase(),
      };
    });
  }

  override logIn(vcenterId: string, signal: AbortSignal): Promise<readonly string[] | null> {
    return this.with(vcenterId, async (connection) => {
      const parameters = {
        entity: [await connection.serviceObject('rootFolder', signal)],
        sessionId: await connection.sessionKey(signal),
        privId: PRIVILEGES,
      };
      const on = 'authorizationManager';
      const asked = connection.call({ method: 'HasPrivilegeOnEntities', on, parameters }, signal);
      return asked.then(notGranted, (error: unknown) => {
        // An account may be too small to be told what it may do.
        if (isFault(error, 'NoPermission')) return null;
        throw error;
      });
    });
  }

  private async with<T>(
    vcenterId: string,
    work: (connection: VimConnection) => Promise<T>,
  ): Promise<T> {
    const connection = new VimConnection(await this.directory.find(vcenterId), CALL_TIMEOUT_MS);
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  }
}

function notGranted(answer: VimValue | undefined): readonly string[] {
  return objectsOf(answer)
    .flatMap((entity) => objectsOf(entity['privAvailability']))
    .filter((privilege) => privilege['isGranted'] !== true)
    .map((privilege) => textOf(privilege['privId']));
}
