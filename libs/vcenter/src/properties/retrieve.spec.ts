import { describe, expect, it } from 'vitest';
import type { VimCall } from '../session/vim-connection';
import { MoRef, type VimValue } from '../soap/vim-value';
import { retrieve } from './retrieve';

const signal = new AbortController().signal;

function object(name: string): VimValue {
  return { obj: new MoRef('Folder', name), propSet: [{ name: 'name', val: name }] };
}

describe('retrieve', () => {
  it('reads every page', async () => {
    const pages: VimValue[] = [
      { token: 'a', objects: [object('1')] },
      { token: 'b', objects: [object('2')] },
      { objects: [object('3')] },
    ];
    const calls: VimCall[] = [];
    const source = {
      call: async (call: VimCall) => {
        calls.push(call);
        return pages[calls.length - 1];
      },
    };
    const read = await retrieve(source, [], signal);
    expect(read.map(({ properties }) => properties['name'])).toEqual(['1', '2', '3']);
    expect(calls.map(({ parameters }) => parameters?.['token'])).toEqual([undefined, 'a', 'b']);
  });

  it('reads nothing from an empty answer', async () => {
    expect(await retrieve({ call: async () => undefined }, [], signal)).toEqual([]);
  });

  it('keeps why a property is missing', async () => {
    const missing = { path: 'name', fault: { fault: { $type: 'NoPermission' } } };
    const answer = { objects: [{ obj: new MoRef('Folder', '1'), missingSet: [missing] }] };
    const [read] = await retrieve({ call: async () => answer }, [], signal);
    expect(read?.refused.get('name')?.type).toBe('NoPermission');
  });
});
