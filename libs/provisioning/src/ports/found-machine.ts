import type { Machine } from './vcenter';

export type PowerState = 'on' | 'off' | 'suspended';

/** Which machine is meant: what was known of it when it was registered. */
export interface RegisteredVm {
  readonly vmMoRef: string;
  readonly vmInstanceUuid: string;
}

/** A machine that was looked for, whoever made it, as it is now. */
export interface FoundMachine {
  readonly machine: Machine;
  readonly name: string;
  /** The run whose mark it carries; null: none. */
  readonly markedBy: string | null;
  readonly power: PowerState;
}
