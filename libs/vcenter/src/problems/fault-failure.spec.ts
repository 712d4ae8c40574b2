import { describe, expect, it } from 'vitest';
import { VimFault } from '../soap/vim-fault';
import { MoRef } from '../soap/vim-value';
import { failureOfFault, faultOf, isFault } from './fault-failure';
import { KNOWN_FAULTS } from './known-faults';

const LABEL = 'vCenter Lab (https://vc.example/sdk)';

describe('a fault of vCenter', () => {
  it('names the vCenter and what the fault tells', () => {
    const detail = {
      object: new MoRef('Folder', 'group-v3'),
      privilegeId: 'VirtualMachine.Create',
    };
    const failure = failureOfFault(LABEL, new VimFault('NoPermission', '', detail));
    expect(failure).toMatchObject({
      code: 'vcenter-permission-denied',
      transient: false,
      message: `${LABEL}: the account lacks the privilege “VirtualMachine.Create” on Folder group-v3.`,
    });
  });

  it('takes the meaning of its ancestor when it has none of its own', () => {
    const failure = failureOfFault(LABEL, new VimFault('InsufficientCpuResourcesFault', ''));
    expect(failure.message).toContain('too little CPU or memory');
  });

  it('quotes vCenter, but no names of types', () => {
    const quoted = failureOfFault(LABEL, new VimFault('VmConfigFault', 'Device 7 is odd.'));
    expect(quoted.message).toMatch(/vCenter’s words: Device 7 is odd\.$/);
    const bare = failureOfFault(LABEL, new VimFault('VmConfigFault', '*types.VmConfigFault'));
    expect(bare.message).not.toContain('types');
  });

  it('puts an unknown fault into words', () => {
    const failure = failureOfFault(LABEL, new VimFault('SwapFileMisplacedFault', ''));
    expect(failure).toMatchObject({
      code: 'vcenter-fault',
      message: `${LABEL}: it reported the fault “swap file misplaced”.`,
    });
  });

  it('is found behind the failures that stand for it', () => {
    const failure = failureOfFault(LABEL, new VimFault('NoDiskSpace', ''));
    expect(faultOf(failure)?.type).toBe('NoDiskSpace');
    expect(isFault(failure, 'FileFault')).toBe(true);
    expect(isFault(new Error('other'), 'FileFault')).toBe(false);
  });

  it.each(Object.keys(KNOWN_FAULTS))('is explained in sentences: %s', (type) => {
    const failure = failureOfFault(LABEL, new VimFault(type, ''));
    expect(failure.message).toMatch(/\.$/);
    expect(failure.message).not.toMatch(/undefined|NaN|“”| {2}/);
    expect(failure.remedy).toMatch(/\.$/);
  });
});
