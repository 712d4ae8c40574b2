import { describe, expect, it } from 'vitest';
import { ancestryOf, descendsFrom, fieldsOf } from './vim-schema';

describe('the schema', () => {
  it('has the fields of ancestors first, each in the order of the wire', () => {
    expect([...fieldsOf('VirtualMachineCloneSpec').keys()]).toEqual([
      'location',
      'template',
      'config',
      'customization',
      'powerOn',
      'snapshot',
      'memory',
    ]);
    const disk = [...fieldsOf('VirtualDisk').keys()];
    expect(disk.slice(0, 5)).toEqual(['key', 'deviceInfo', 'backing', 'connectable', 'slotInfo']);
    expect(disk.indexOf('capacityInKB')).toBeGreaterThan(disk.indexOf('unitNumber'));
  });

  it('knows what is required and what is a list', () => {
    expect(fieldsOf('PropertyFilterSpec').get('objectSet')).toEqual({
      name: 'objectSet',
      type: 'ObjectSpec',
      list: true,
      required: true,
    });
    expect(fieldsOf('VirtualMachineConfigSpec').get('numCPUs')?.required).toBe(false);
  });

  it('knows what a type is derived from', () => {
    expect(descendsFrom('VirtualVmxnet3', 'VirtualEthernetCard')).toBe(true);
    expect(descendsFrom('VirtualDisk', 'VirtualEthernetCard')).toBe(false);
    expect(ancestryOf('NoDiskSpace')).toContain('FileFault');
  });

  it('takes an unknown type as it is', () => {
    expect(ancestryOf('Unheard')).toEqual(['Unheard']);
    expect(fieldsOf('toString').size).toBe(0);
  });
});
