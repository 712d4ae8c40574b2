import type { Pipeline } from '@diaken/pipeline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pipelinesOf } from '../pipelines';
import {
  fakeTools,
  type FakeTools,
  finalFailure,
  placement,
  requestFor,
  RUN_ID,
  RunBench,
  type StepBench,
  stepBench,
  STAGING,
} from '../testing';
import { NO_TOOLS } from '../tools';

const STAGED = '10.9.0.9';
const PLAYBOOK = 'address-linux';
const request = requestFor(
  { guestInit: 'staging-address', stagingAddress: STAGED },
  { placement: placement({ stagingPortGroup: STAGING }) },
);

/** Tools with a template that boots on its own address. */
function toolsFor(): FakeTools {
  const tools = fakeTools();
  tools.vcenter.templateAddress = STAGED;
  return tools;
}
const deployment = (tools = toolsFor()) => new RunBench(tools, { ...request });
const bench = (step: string, tools = toolsFor()) => stepBench(step, request, tools);
const machineOf = ({ tools }: RunBench | StepBench) => tools.vcenter.machineOf(RUN_ID);

/** Time passes at a test's word only. */
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const minutesPass = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000);

const STEPS = (pipelinesOf(NO_TOOLS).get('deploy-vm') as Pipeline).steps
  .map(({ name }) => name)
  .filter(
    (name) =>
      !['customize-guest', 'wait-for-port', 'change-network', 'run-playbooks'].includes(name),
  );

function expectOneMachine(deploy: RunBench): void {
  const { run, tools } = deploy;
  expect(run.status).toBe('success');
  const done = run.steps.filter(({ status }) => status === 'success');
  expect(done.map(({ name }) => name)).toEqual(STEPS);
  expect(machineOf(deploy)).toMatchObject({ addresses: ['10.1.0.20'], portGroup: 'network-1' });
  expect(tools.ansible.played).toEqual([PLAYBOOK, 'base-linux']);
  expect(tools.ansible.kept).toEqual([]);
  expect(tools.hosts.hosts).toMatchObject([{ address: '10.1.0.20' }]);
}

describe('a machine that starts on its template’s address', () => {
  it('is met there, given its own address, moved to its network and met again', async () => {
    const deploy = deployment();
    await deploy.advance();
    expectOneMachine(deploy);
    expect(deploy.tools.guests.logins.map(({ address }) => address)).toEqual([
      ...[STAGED, '10.1.0.20', '10.1.0.20'],
    ]);
    const hosts = deploy.tools.ansible.started.map((order) => order.hosts[0]?.address);
    expect(hosts).toEqual([STAGED, '10.1.0.20']);
  });

  it.each(STEPS)(
    'loses nothing and repeats nothing when its worker dies after %s',
    async (step) => {
      const deploy = deployment();
      await deploy.dieAfter(step);
      await deploy.advance();
      expectOneMachine(deploy);
    },
  );

  it.each(STEPS.filter((step) => step !== 'notify'))(
    'leaves nothing behind when %s fails half-way and it is rolled back',
    async (step) => {
      const deploy = deployment();
      const happens = () => {
        throw finalFailure('vcenter-fault', 'Out of order.');
      };
      await deploy.advance({ after: step, happens });
      expect(deploy.run).toMatchObject({ status: 'failed', failure: { step } });
      await deploy.rollBack();
      expect(deploy.run.status).toBe('rolled_back');
      expect(deploy.tools.vcenter.machines.size).toBe(0);
      expect(deploy.tools.ansible.kept).toEqual([]);
      expect(deploy.tools.addresses.heldBy(RUN_ID)).toEqual([]);
    },
  );
});

describe('another machine on the template’s address', () => {
  it('keeps ours from being started when it listens there', async () => {
    const tools = toolsFor();
    tools.network.listen(STAGED, 22);
    const deploy = deployment(tools);
    const done = deploy.advance();
    await minutesPass(5);
    await done;
    expect(deploy.run.failure).toMatchObject({ step: 'power-on', code: 'staging-address-taken' });
    expect(machineOf(deploy)?.poweredOn).toBe(false);
    expect(tools.guests.logins).toEqual([]);
    expect(tools.ansible.played).toEqual([]);
  });

  it('does not when it is our own, which a worker that died had started', async () => {
    const step = await bench('power-on');
    await step.take();
    step.tools.network.listen(STAGED, 22);
    await expect(step.take()).resolves.toEqual({});
  });

  it('is found at the beginning when vCenter reports it', async () => {
    const tools = toolsFor();
    tools.vcenter.add({ name: 'left-01', addresses: [STAGED] });
    const deploy = deployment(tools);
    const done = deploy.advance();
    await minutesPass(10);
    await done;
    expect(deploy.run.failure).toMatchObject({ step: 'preflight', code: 'staging-address-taken' });
    expect(deploy.run.messages['preflight']).toContain('left-01');
    expect(tools.vcenter.clones.started).toBe(0);
  });

  it('is never configured when it comes later', async () => {
    const tools = toolsFor();
    tools.guests.intrude(STAGED);
    const deploy = deployment(tools);
    await deploy.advance();
    expect(deploy.run.failure).toMatchObject({
      step: 'wait-for-login',
      code: 'guest-identity-mismatch',
    });
    expect(tools.ansible.played).toEqual([]);
  });
});

describe('giving the guest its final address', () => {
  it('tells the playbook which machine it is for, in either byte order', async () => {
    const step = await bench('readdress-guest');
    await step.take();
    const biosUuid = String(machineOf(step)?.biosUuid);
    expect(step.tools.ansible.started).toMatchObject([
      {
        playbook: { kind: 'shipped', name: PLAYBOOK },
        hosts: [{ address: STAGED }],
        extraVars: {
          diaken_product_uuids: [biosUuid, `02014d56-0403-0605-${biosUuid.slice(19)}`],
          diaken_staging: STAGED,
          diaken_address: '10.1.0.20',
          diaken_prefix: 24,
          diaken_gateway: '10.1.0.1',
          diaken_dns: ['10.1.0.2'],
          diaken_domain: '',
        },
      },
    ]);
  });

  it('does not play on a guest that reports the address already', async () => {
    const step = await bench('readdress-guest');
    await step.take();
    step.notes = {}; // of an attempt that nothing is known of
    await step.take();
    expect(step.tools.ansible.played).toEqual([PLAYBOOK]);
    expect(step.lines).toContain('The guest reports 10.1.0.20 already.');
  });

  it('plays again on a guest that was not reached', async () => {
    const step = await bench('readdress-guest');
    step.tools.ansible.cutOff(PLAYBOOK);
    await expect(step.take()).rejects.toMatchObject({ code: 'playbook-failed', transient: true });
    step.tools.ansible.mendPlaybook(PLAYBOOK);
    await step.take();
    expect(machineOf(step)?.addresses).toEqual(['10.1.0.20']);
  });
});

describe('logging in at the final address', () => {
  it('gives the address for all that follows', async () => {
    const step = await bench('meet-at-address');
    expect(await step.take()).toEqual({ reachableAt: '10.1.0.20' });
    expect(await step.take()).toEqual({ reachableAt: '10.1.0.20' });
  });

  it.each([
    ['another machine', 'host-key-changed', () => ({})],
    [
      'a clone of the same template, with the same key',
      'guest-identity-mismatch',
      ({ facts }: StepBench) => ({ hostKey: String(facts['hostKey']) }),
    ],
  ])('refuses %s', async (_what, code, said) => {
    const step = await bench('meet-at-address');
    step.tools.guests.intrude('10.1.0.20', said(step));
    await expect(step.take()).rejects.toMatchObject({ code, transient: false });
  });
});
