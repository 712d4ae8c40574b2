import { ProvisioningFailure } from '@diaken/provisioning';
import { ancestryOf } from '../schema/vim-schema';
import { VimFault } from '../soap/vim-fault';
import { KNOWN_FAULTS } from './known-faults';

/** What a fault of vCenter means for a run. */
export function failureOfFault(label: string, fault: VimFault): ProvisioningFailure {
  const known = ancestryOf(fault.type)
    .map((type) => KNOWN_FAULTS[type])
    .find((each) => each !== undefined);
  const said = sentenceOf(fault.words);
  return new ProvisioningFailure(
    {
      code: known?.code ?? 'vcenter-fault',
      cause: `${label}: ${known?.cause(fault.detail) ?? `${inWords(fault.type)}.`}${said}`,
      remedy: known?.remedy ?? 'Look at the task in vCenter: its log may tell more.',
      transient: known?.transient ?? false,
    },
    { cause: fault },
  );
}

/** The fault that a failure stands for, when it stands for one. */
export function faultOf(error: unknown): VimFault | undefined {
  if (error instanceof VimFault) return error;
  return error instanceof ProvisioningFailure ? faultOf(error.cause) : undefined;
}

/** Whether an error stands for this fault or one derived from it. */
export function isFault(error: unknown, type: string): boolean {
  return faultOf(error)?.is(type) ?? false;
}

/** `VmConfigFault` as “vm config”. */
function inWords(type: string): string {
  const words = type.replace(/Fault$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
  return `it reported the fault “${words.toLowerCase()}”`;
}

/** vCenter’s own words, unless they are but the name of a type. */
function sentenceOf(words: string): string {
  return words.trim().includes(' ') ? ` vCenter’s words: ${words.trim()}` : '';
}
