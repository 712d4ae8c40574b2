import { describe, expect, it } from 'vitest';
import { MoRef, type VimValue } from '../soap/vim-value';
import { InventoryMirror } from './inventory-mirror';

const root = new MoRef('Folder', 'group-d1');
const folder = new MoRef('Folder', 'group-v3');
const datacenter = new MoRef('Datacenter', 'dc-1');
const machine = (number: number) => new MoRef('VirtualMachine', `vm-${number}`);

/** An `UpdateSet` of one object. */
function update(kind: string, obj: MoRef, values: Readonly<Record<string, VimValue>> = {}) {
  const changeSet = Object.entries(values).map(([name, val]) => ({ name, op: 'assign', val }));
  return { filterSet: [{ objectSet: [{ kind, obj, changeSet }] }] };
}

function mirror(): InventoryMirror {
  const made = new InventoryMirror('an-instance');
  made.take(update('enter', root, { name: 'Datacenters' }));
  made.take(update('enter', datacenter, { name: 'DC0', parent: root, vmFolder: folder }));
  made.take(update('enter', folder, { name: 'vm', parent: datacenter }));
  for (const number of [1, 2]) {
    const power = { 'runtime.powerState': 'poweredOn', 'config.hardware.numCPU': 2 };
    made.take(update('enter', machine(number), { name: `web${number}`, parent: folder, ...power }));
  }
  return made;
}

describe('the mirror of an inventory', () => {
  it('tells all at first, then what is new', () => {
    const mirrored = mirror();
    const first = mirrored.news();
    expect(first.what === 'all' && first.reading.objects.map(({ name }) => name)).toEqual([
      ...['DC0', 'vm', 'web1', 'web2'],
    ]);
    expect(mirrored.news()).toEqual({ what: 'changes', changed: [], gone: [] });
  });

  it('keeps what an update does not name', () => {
    const mirrored = mirror();
    mirrored.news();
    mirrored.take(update('modify', machine(2), { 'runtime.powerState': 'poweredOff' }));
    expect(mirrored.news()).toMatchObject({
      what: 'changes',
      changed: [{ moRef: 'vm-2', name: 'web2', details: { power: 'off', cpus: 2 } }],
      gone: [],
    });
  });

  it('tells of an object once, as it is at last', () => {
    const mirrored = mirror();
    mirrored.news();
    mirrored.take(update('modify', machine(2), { name: 'db1' }));
    mirrored.take(update('modify', machine(2), { name: 'db2' }));
    const news = mirrored.news();
    expect(news.what === 'changes' && news.changed.map(({ name }) => name)).toEqual(['db2']);
  });

  it('forgets what has gone', () => {
    const mirrored = mirror();
    mirrored.news();
    mirrored.take(update('modify', machine(2), { name: 'db1' }));
    mirrored.take(update('leave', machine(2)));
    const gone = [{ moType: 'VirtualMachine', moRef: 'vm-2' }];
    expect(mirrored.news()).toEqual({ what: 'changes', changed: [], gone });
  });

  it('tells all anew when what the paths of others are made of changes', () => {
    const mirrored = mirror();
    mirrored.news();
    mirrored.take(update('modify', folder, { name: 'machines' }));
    const news = mirrored.news();
    expect(news.what === 'all' && news.reading.objects.map(({ path }) => path)).toEqual([
      ...['/DC0', '/DC0/machines', '/DC0/machines/web1', '/DC0/machines/web2'],
    ]);
  });

  it('takes a property without a value as not set any more', () => {
    const mirrored = mirror();
    mirrored.news();
    const unset = { name: 'runtime.powerState', op: 'assign' };
    const objectSet = [{ kind: 'modify', obj: machine(1), changeSet: [unset] }];
    mirrored.take({ filterSet: [{ objectSet }] });
    expect(mirrored.news()).toMatchObject({ changed: [{ details: { power: 'off' } }] });
  });
});
