import type { MachineRequest, Placement } from '@diaken/contracts';

/** What is checked of a request for a machine. */
export type Subject = Pick<
  MachineRequest,
  'vcenterId' | 'hostname' | 'diskGb' | 'extraHardware' | 'sshPort' | 'credentialId' | 'playbookIds'
> & {
  /** Without an address: that of a profile that could not be used. */
  readonly network: {
    readonly address?: string | undefined;
    readonly domain?: string | undefined;
  };
  /** Null: its names could not be resolved. */
  readonly placement: Placement | null;
};
