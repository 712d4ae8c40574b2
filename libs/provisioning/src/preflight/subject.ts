import type { MachineRequest, Placement } from '@diaken/contracts';

/** What is checked of a request for a machine. */
export type Subject = Pick<
  MachineRequest,
  'vcenterId' | 'hostname' | 'diskGb' | 'credentialId' | 'playbookIds'
> & {
  readonly network: Pick<MachineRequest['network'], 'address'>;
  /** Null: its names could not be resolved. */
  readonly placement: Placement | null;
};
