import { ProblemAnswer } from '@diaken/client';
import {
  type DeploymentInput,
  HostView,
  type RunView,
  TemplateProfilePage,
  TemplateProfileView,
} from '@diaken/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  deploy,
  finished,
  machineInput,
  type Needed,
  onGuest,
  registerLab,
} from '../../support/machines';
import { startSystem, type System } from '../../support/system';

let system: System;
let needed: Needed;
beforeAll(async () => {
  system = await startSystem({ lab: { dhcpNetwork: '127.77.120.0/24' } });
  needed = await registerLab(system);
});
afterAll(() => system?.stop());

/** Has the template treated so from now on. */
async function profile(template: string, settings: object): Promise<TemplateProfileView> {
  const { client } = system;
  const { items } = await client.get('template-profiles?limit=200', TemplateProfilePage);
  const known = items.find((item) => item.template.name === template);
  if (known) {
    await client.remove(`template-profiles/${known.id}`);
  }
  const input = { vcenterId: needed.vcenterId, template, ...settings };
  return client.post('template-profiles', input, TemplateProfileView);
}

/** A request for a machine, with a port group and what is given of its network. */
function inputFor(
  hostname: string,
  network: Partial<DeploymentInput['network']>,
  more: Omit<Partial<DeploymentInput>, 'network'> = {},
): DeploymentInput {
  const input = machineInput(needed, system.lab, { hostname, network: { address: '' }, ...more });
  return { ...input, network: { portGroup: 'DC0_DVPG0', ...network } };
}

const staticAt = (address: string) => ({ cidr: '127.77.0.0/16', gateway: '127.77.0.1', address });

/** What the API answers to a request that it refuses. */
async function refusalOf(asked: Promise<unknown>): Promise<ProblemAnswer['problem']> {
  const answer = await asked.catch((error: unknown) => error);
  if (!(answer instanceof ProblemAnswer)) {
    throw new Error(`It was not refused: ${JSON.stringify(answer)}`);
  }
  return answer.problem;
}

const skippedIn = ({ steps }: RunView) =>
  steps.filter(({ status }) => status === 'skipped').map(({ name }) => name);

const hostOf = (run: RunView) =>
  system.client.get(`hosts/${String(run.result['hostId'])}`, HostView);

describe('the profile of a template', () => {
  it('is stored, changed and forgotten', async () => {
    const { client } = system;
    const made = await profile('rocky-9', { osFamily: 'redhat' });
    expect(made).toMatchObject({
      ...{ vcenterId: needed.vcenterId, template: { name: 'rocky-9' }, osFamily: 'redhat' },
      ...{ guestInit: 'linuxprep', address: 'static', readiness: 'login' },
      ...{ interpreter: null, stagingAddress: null },
    });
    const path = `template-profiles/${made.id}`;
    const change = { readiness: 'tcp:443', interpreter: '/usr/bin/python3.11' };
    const changed = await client.change('PATCH', path, change, TemplateProfileView);
    expect(changed).toEqual({ ...made, ...change });
    expect(await client.get(path, TemplateProfileView)).toEqual(changed);
    await client.remove(path);
    expect(await refusalOf(client.get(path, TemplateProfileView))).toMatchObject({ status: 404 });
  });

  it('is one for each template', async () => {
    await profile('rocky-9', { osFamily: 'redhat' });
    const again = { vcenterId: needed.vcenterId, template: 'rocky-9' };
    const refused = system.client.post('template-profiles', again, TemplateProfileView);
    expect(await refusalOf(refused)).toMatchObject({ status: 409, code: 'name-taken' });
  });

  it.each([
    ['an unknown template', { template: 'no-such' }, 422, 'template'],
    ['an unknown way', { guestInit: 'magic' }, 400, 'guestInit'],
    ['a readiness without a port', { readiness: 'tcp:' }, 400, 'readiness'],
    ['a port that there is not', { readiness: 'tcp:70000' }, 400, 'readiness'],
    ['a relative interpreter', { interpreter: 'python3' }, 400, 'interpreter'],
    ['a staging address that is none', { stagingAddress: '10.9.0' }, 400, 'stagingAddress'],
    ['no staging address', { guestInit: 'staging-address' }, 400, 'stagingAddress'],
    ['an address nobody learns', { address: 'dhcp', readiness: 'tools' }, 400, 'readiness'],
  ])('is refused with %s', async (_what, wrong, status, path) => {
    const input = { vcenterId: needed.vcenterId, template: 'debian-12', ...wrong };
    const refused = system.client.post('template-profiles', input, TemplateProfileView);
    expect(await refusalOf(refused)).toMatchObject({ status, errors: [{ path }] });
  });

  it('is not contradicted by a request', async () => {
    const { client } = system;
    await profile('debian-12', { address: 'dhcp', readiness: 'address' });
    const playbookIds = ['0f0e0d0c-0b0a-4900-8000-000000000009'];
    const input = inputFor('against-01', staticAt('127.77.121.1'), { osFamily: 'redhat' });
    const problem = await refusalOf(deploy(client, input));
    expect(problem).toMatchObject({ status: 422, code: 'not-for-template' });
    expect(problem.errors?.map(({ path }) => path)).toEqual([
      ...['osFamily', 'network.cidr', 'network.address', 'network.gateway'],
    ]);
    const played = await refusalOf(deploy(client, inputFor('against-02', {}, { playbookIds })));
    expect(played.status).toBe(422);
    await profile('debian-12', {});
    const without = await refusalOf(deploy(client, inputFor('against-03', {})));
    expect(without.errors?.map(({ path }) => path)).toEqual(['network.cidr', 'network.address']);
  });
});

describe('a deployment from a template with a profile', () => {
  it('by DHCP ends at the lease, with its host name', async () => {
    await profile('debian-12', { address: 'dhcp' });
    const run = await finished(
      system.client,
      await deploy(system.client, inputFor('dhcp-01', { domain: 'example.net' })),
    );
    expect(run.failure).toBeNull();
    const { address, hostKey } = await hostOf(run);
    expect(address).toMatch(/^127\.77\.120\./);
    expect(hostKey).toMatch(/^ssh-ed25519 /);
    expect(await onGuest(system, address, 'hostname -s')).toBe('dhcp-01');
    expect(skippedIn(run)).not.toContain('wait-for-login');
  });

  it('that nobody logs in to is ready when vCenter reports the address', async () => {
    await profile('debian-12', { readiness: 'address' });
    const input = inputFor('silent-01', staticAt('127.77.121.2'));
    const run = await finished(system.client, await deploy(system.client, input));
    expect(run.failure).toBeNull();
    const skipped = ['wait-for-port', 'wait-for-login', 'configure-guest', 'run-playbooks'];
    expect(skippedIn(run)).toEqual(expect.arrayContaining(skipped));
    expect(skippedIn(run)).not.toContain('verify-machine');
    expect(await hostOf(run)).toMatchObject({ address: '127.77.121.2', hostKey: null });
  });

  it('is ready when it listens, where that is what it is for', async () => {
    await profile('debian-12', { readiness: `tcp:${system.lab.sshPort}` });
    const input = inputFor('listens-01', staticAt('127.77.121.3'));
    const run = await finished(system.client, await deploy(system.client, input));
    expect(run.failure).toBeNull();
    expect(run.steps.find(({ name }) => name === 'wait-for-port')?.status).toBe('success');
  });

  it('goes by the profile as it was when the machine was asked for', async () => {
    await profile('debian-12', { readiness: 'address' });
    const runId = await deploy(system.client, inputFor('then-01', staticAt('127.77.121.4')));
    await profile('debian-12', { readiness: 'login' });
    const run = await finished(system.client, runId);
    expect(run.request['guest']).toMatchObject({ readiness: 'address' });
    expect(await hostOf(run)).toMatchObject({ hostKey: null });
  });
});
