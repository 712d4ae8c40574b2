import { describe, expect, it } from 'vitest';
import type { ObjectProperties } from '../properties/retrieve';
import { MoRef } from '../soap/vim-value';
import { InventoryTree } from './inventory-tree';

function node(type: string, name: string, parent?: ObjectProperties): ObjectProperties {
  const properties = { name, ...(parent ? { parent: parent.object } : {}) };
  return { object: new MoRef(type, `${type}@${name}`), properties, refused: new Map() };
}

const root = node('Folder', 'Datacenters');
const region = node('Folder', 'north', root);
const datacenter = node('Datacenter', 'DC0', region);
const machines = node('Folder', 'vm', datacenter);
const template = node('VirtualMachine', 'debian-12', machines);
const tree = new InventoryTree([root, region, datacenter, machines, template]);

describe('the inventory tree', () => {
  it('names an object by its way from the root', () => {
    expect(tree.pathOf(template)).toBe('/north/DC0/vm/debian-12');
    expect(tree.pathOf(datacenter)).toBe('/north/DC0');
  });

  it('tells the datacenter that an object is in', () => {
    expect(tree.datacenterOf(template)).toBe(datacenter);
    expect(tree.datacenterOf(datacenter)).toBe(datacenter);
    expect(tree.datacenterOf(region)).toBeUndefined();
  });

  it('takes an object of which the holder cannot be seen', () => {
    const hidden = node('Folder', 'hidden', root);
    expect(tree.pathOf(node('VirtualMachine', 'alone', hidden))).toBe('/alone');
  });
});
