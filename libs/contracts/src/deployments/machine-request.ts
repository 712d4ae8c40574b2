import type { ProblemCode } from '../problems/problem-codes';
import { type GuestSettings, WITHOUT_PROFILE } from '../template-profiles/guest-settings';
import type { DeploymentRequest } from './deployment-request';
import type { GuestNetwork, NetworkRequest } from './guest-network';
import type { ExtraDisk, ExtraNetwork } from './hardware';

/** An object of a vCenter: its MoRef value, and the name it had when it was chosen. */
export interface ObjectRef {
  readonly moRef: string;
  readonly name: string;
}

/** Where a machine goes, every object resolved to exactly one MoRef. */
export interface Placement {
  readonly template: ObjectRef;
  readonly datacenter: ObjectRef;
  readonly cluster: ObjectRef;
  readonly resourcePool: ObjectRef;
  readonly datastore: ObjectRef;
  readonly folder: ObjectRef;
  readonly portGroup: ObjectRef;
  readonly stagingPortGroup: ObjectRef | null;
}

/** Hardware besides that of the template, every object resolved, in the order of the request. */
export interface ExtraHardware {
  readonly disks: readonly PlacedDisk[];
  readonly networks: readonly PlacedNetwork[];
}

/** A further disk. `datastore`: null where the machine is. */
export type PlacedDisk = Omit<ExtraDisk, 'datastore'> & { readonly datastore: ObjectRef | null };

/** The network of a further adapter. */
export type PlacedNetwork = Omit<ExtraNetwork, 'portGroup'> & { readonly portGroup: ObjectRef };

/** What a `deploy-vm` run is asked for: the client's request, and its objects resolved. */
export type MachineRequest = Omit<DeploymentRequest, 'network' | 'size' | 'cpus' | 'memoryMb'> & {
  readonly network: GuestNetwork;
  readonly cpus: number;
  readonly memoryMb: number;
  /** How its guest is made ready; missing of runs that were asked for before templates had profiles. */
  readonly guest?: GuestSettings;
  /** What the client asked for, where a network profile has completed it. */
  readonly askedNetwork?: NetworkRequest;
  readonly placement: Placement;
  /** Missing of runs that were asked for before there was such hardware. */
  readonly extraHardware?: ExtraHardware;
  readonly requestedBy: string;
};

/** What a `preflight` run is asked for: a deployment, as far as its names could be resolved. */
export type PreflightRequest = Omit<DeploymentRequest, 'network'> & {
  /** Without an address: one of a profile that could not be used. */
  readonly network: { readonly [Field in keyof GuestNetwork]?: GuestNetwork[Field] | undefined };
  /** Null: a deployment would be refused at once. */
  readonly placement: Placement | null;
  /** Why it would be refused. */
  readonly refusal: {
    readonly code: ProblemCode;
    readonly cause: string;
    readonly remedy: string;
  } | null;
  readonly requestedBy: string;
};

/** How the guest of a request is made ready. */
export function guestOf({
  guest,
  osFamily = WITHOUT_PROFILE.osFamily,
}: Pick<MachineRequest, 'guest' | 'osFamily'>): GuestSettings {
  return guest ?? { ...WITHOUT_PROFILE, osFamily };
}

/** What a machine has besides the hardware of its template. */
export function extrasOf({ extraHardware }: Pick<MachineRequest, 'extraHardware'>): ExtraHardware {
  return extraHardware ?? { disks: [], networks: [] };
}
