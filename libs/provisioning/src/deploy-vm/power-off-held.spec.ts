import { describe, expect, it } from 'vitest';
import { fakeTools } from '../testing/fake-tools';
import { machineRequest, RUN_ID, VCENTER_ID } from '../testing/machine-request';
import { RunBench } from '../testing/run-bench';

describe('a deployment that fails', () => {
  async function failed(machine: 'keep' | 'power-off') {
    const tools = fakeTools();
    tools.ansible.breakPlaybook('base-linux');
    const bench = new RunBench(tools, { ...machineRequest({ onFailure: { machine } }) });
    await bench.advance();
    expect(bench.run.status).toBe('failed');
    const signal = new AbortController().signal;
    const found = await tools.vcenter.findByRun(VCENTER_ID, RUN_ID, signal);
    return found && (await tools.vcenter.state(VCENTER_ID, found, signal));
  }

  it('keeps its machine running', async () => {
    expect(await failed('keep')).toMatchObject({ poweredOn: true });
  });

  it('switches its machine off and keeps it, where the policy says so', async () => {
    expect(await failed('power-off')).toMatchObject({ poweredOn: false });
  });
});
