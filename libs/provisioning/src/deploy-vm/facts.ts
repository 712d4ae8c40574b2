import { guestOf, type MachineRequest } from '@diaken/contracts';
import type { Machine } from '../ports/vcenter';

/** What the steps of a deployment tell each other. */
export interface WithMachine {
  readonly machine: Machine;
}
export interface WithAddress {
  /** The machine's IPv4 address, for good. */
  readonly address: string;
}
export interface WithReachableAddress {
  /** IPv4 address on which the guest answers. */
  readonly reachableAt: string;
}
export interface WithHostKey {
  /** The guest's SSH host key, pinned at first sight after its identity was checked. */
  readonly hostKey: string;
}
export interface WithHost {
  readonly hostId: string;
}

/** A machine that we can log in to. */
export type LoginFacts = MachineRequest &
  WithMachine &
  WithAddress &
  WithReachableAddress &
  WithHostKey;

/** Whether the machine is one that we log in to. */
export const needsLogin = (request: MachineRequest): boolean =>
  guestOf(request).readiness === 'login';

export const seconds = (count: number) => count * 1_000;
export const minutes = (count: number) => count * 60_000;
