import { describe, expect, it } from 'vitest';
import { Refusal } from '../http/refusal';
import { readMachines } from './machines-csv';

/** What a CSV is refused with. */
function refusalOf(csv: string) {
  try {
    readMachines(csv);
  } catch (error) {
    return error instanceof Refusal ? error.facts : error;
  }
  return undefined;
}

describe('machines in a CSV', () => {
  it('have the fields that the columns are called', () => {
    const csv =
      'hostname,cpus,network.profileId,network.dns,extraVars.role\nweb-01,2,p,10.0.0.2 10.0.0.3,web\n';
    expect(readMachines(csv)).toEqual([
      {
        line: 2,
        machine: {
          hostname: 'web-01',
          cpus: 2,
          network: { profileId: 'p', dns: ['10.0.0.2', '10.0.0.3'] },
          extraVars: { role: 'web' },
        },
      },
    ]);
  });

  it('leave out what their cells leave empty', () => {
    expect(readMachines('hostname,folder\nweb-01,\n')[0]?.machine).toEqual({ hostname: 'web-01' });
  });

  it('are parted by semicolons as well, and may come from Windows', () => {
    const csv = '\uFEFFhostname;cpus\r\nweb-01;2\r\n\r\nweb-02;two\r\n';
    expect(readMachines(csv)).toEqual([
      { line: 2, machine: { hostname: 'web-01', cpus: 2 } },
      { line: 4, machine: { hostname: 'web-02', cpus: 'two' } },
    ]);
  });

  it('keep a name that would change every object as a field like any other', () => {
    const [read] = readMachines('hostname,__proto__.polluted\nweb-01,yes\n');
    expect(Object.keys(read?.machine ?? {})).toEqual(['hostname', '__proto__']);
    expect({}).not.toHaveProperty('polluted');
  });

  it.each([
    ['a cell too many', 'hostname,cpus\nweb-01,2\nweb-02,2,3\n', 'line 3'],
    ['a quote that is not closed', 'hostname\n"web-01\n', 'line 2'],
  ])('with %s are refused, and the line is named', (_what, csv, path) => {
    expect(refusalOf(csv)).toMatchObject({ code: 'invalid-request', errors: [{ path }] });
  });
});
