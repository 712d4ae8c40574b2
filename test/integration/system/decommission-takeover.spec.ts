import { HostPage, RunAccepted } from '@diaken/contracts';
import type { NodeServer } from '@diaken/embedded';
import type { LabRule } from '@diaken/lab';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DeployedHost, deployHost } from '../../support/deployed-host';
import { inVCenter, LAB } from '../../support/in-vcenter';
import { finished, machineInput, type Needed, registerLab } from '../../support/machines';
import { startSystem, type System } from '../../support/system';

describe('a decommission that is interrupted', () => {
  let system: System;
  let needed: Needed;
  let worker: NodeServer;
  let serial = 0;
  beforeAll(async () => {
    system = await startSystem({ workers: 0 });
    worker = await system.startWorker();
    needed = await registerLab(system);
  });
  afterAll(() => system?.stop());
  afterEach(() => system.lab.rules.clear());

  function newHost(): Promise<DeployedHost> {
    serial += 1;
    const wish = { hostname: `going-${serial}`, address: `127.77.163.${serial}` };
    return deployHost(system, needed, wish);
  }

  const start = async (host: DeployedHost) => {
    const path = `hosts/${host.id}/decommission`;
    return (await system.client.post(path, { confirm: host.name }, RunAccepted)).id;
  };

  const hold = async (host: DeployedHost, rule: Pick<LabRule, 'action' | 'method'>) => {
    await system.lab.rules.add({ ...rule, id: 'hold', entity: host.vmMoRef, ms: 120_000 });
  };

  const held = () =>
    expect.poll(async () => (await system.lab.rules.held()).length, { timeout: 60_000 }).toBe(1);

  const inTheLab = (host: DeployedHost) =>
    inVCenter(system, (vcenter, signal) => vcenter.findRegistered(LAB, host, signal));

  const isRegistered = async ({ name }: DeployedHost) =>
    (await system.client.get(`hosts?name=${name}`, HostPage)).items.length === 1;

  async function expectGone(host: DeployedHost): Promise<void> {
    expect(await inTheLab(host)).toBeUndefined();
    expect(await isRegistered(host)).toBe(false);
    const asked = machineInput(needed, system.lab, {
      ...{ hostname: host.name, network: { address: host.address } },
    });
    const check = await system.client.post('deployments/preflight', asked, RunAccepted);
    expect((await finished(system.client, check.id)).result).toMatchObject({ passed: true });
  }

  it.each([
    ['PowerOffVM_Task', 'hold-before'],
    ['PowerOffVM_Task', 'hold-after'],
    ['Destroy_Task', 'hold-before'],
    ['Destroy_Task', 'hold-after'],
  ] as const)('goes on where a worker was killed at %s (%s)', async (method, action) => {
    const host = await newHost();
    await hold(host, { method, action });
    const id = await start(host);
    await held();
    process.kill(worker.pid, 'SIGKILL');
    await worker.ended;
    await system.lab.rules.release('hold');
    worker = await system.startWorker();
    const run = await finished(system.client, id);
    expect(run.failure).toBeNull();
    expect(run.status).toBe('success');
    await expectGone(host);
  });

  it('leaves all as it was when it is cancelled before the machine is destroyed', async () => {
    const host = await newHost();
    await hold(host, { method: 'PowerOffVM_Task', action: 'hold-after' });
    const id = await start(host);
    await held();
    await cancel(id);
    await system.lab.rules.release('hold');
    expect(await finished(system.client, id)).toMatchObject({ status: 'cancelled' });
    expect(await inTheLab(host)).toMatchObject({ power: 'on', markedBy: host.createdByRun });
    expect(await isRegistered(host)).toBe(true);
  });

  it('says that it is too late afterwards, and is finished by a resume', async () => {
    const host = await newHost();
    await hold(host, { method: 'Destroy_Task', action: 'hold-after' });
    const id = await start(host);
    await held();
    await expect.poll(() => inTheLab(host), { timeout: 30_000 }).toBeUndefined();
    await cancel(id);
    await system.lab.rules.release('hold');
    expect(await finished(system.client, id)).toMatchObject({
      status: 'failed',
      failure: { step: 'destroy-machine', code: 'machine-destroyed' },
    });
    expect(await isRegistered(host)).toBe(true);
    await system.client.post(`runs/${id}/resume`, {}, RunAccepted);
    expect(await finished(system.client, id)).toMatchObject({ status: 'success', failure: null });
    await expectGone(host);
  });

  const cancel = (id: string) => system.client.post(`runs/${id}/cancel`, {}, RunAccepted);
});
