import {
  BlueprintPage,
  BlueprintView,
  NetworkProfileView,
  RunAccepted,
  RunView,
} from '@diaken/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { copyCatalog, pendingInput } from '../../support/catalog';
import { finished, machineInput, type Needed, onGuest } from '../../support/machines';
import { type OwnApi, startOwnApi } from '../../support/own-api';
import { type Answer, problemIn } from '../../support/raw-api';
import { sharedSystem } from '../../support/shared-system';

const NOBODY = '0f0e0d0c-0b0a-4900-8000-00000000000f';

describe('a blueprint', () => {
  let own: OwnApi;
  let needed: Needed;
  let profileId: string;
  let count = 0;

  beforeAll(async () => {
    own = await startOwnApi(inject('system'), 'blueprints');
    needed = await copyCatalog(inject('system'), own);
    const body = {
      name: 'Servers',
      portGroups: [{ vcenterId: needed.vcenterId, portGroup: 'DC0_DVPG0' }],
      cidr: '10.90.0.0/24',
    };
    const made = await own.admin.send('POST', 'network-profiles', { body });
    profileId = NetworkProfileView.parse(made.body).id;
  });
  afterAll(() => own.stop());

  const request = () => {
    const { hostname: _name, network: _network, ...machine } = pendingInput(needed, 1);
    return { ...machine, network: { profileId } };
  };
  const blueprint = (more: object = {}) => ({
    name: `Web server ${++count}`,
    request: request(),
    choices: { cpus: [4, 8], datastore: ['LocalDS_1'] },
    ...more,
  });
  const save = (body: object) => own.admin.send('POST', 'blueprints', { body });
  const create = async (more: object = {}) => {
    const answer = await save(blueprint(more));
    expect(answer.status, answer.text).toBe(201);
    return BlueprintView.parse(answer.body);
  };
  const deployed = (id: string, body: object, headers: Record<string, string> = {}) =>
    own.admin.send('POST', `blueprints/${id}/deploy`, { body, headers });
  const runOf = async (answer: Answer) => {
    const path = `runs/${RunAccepted.parse(answer.body).id}`;
    expect(answer.headers.get('Location')).toContain(path);
    return RunView.parse((await own.admin.send('GET', path)).body);
  };

  it('is deployed with a name only, as often as there are addresses', async () => {
    const { id } = await create();
    const first = await runOf(await deployed(id, { hostname: 'blue-01' }));
    const second = await runOf(await deployed(id, { hostname: 'blue-02' }));
    expect(first).toMatchObject({
      kind: 'deploy-vm',
      target: 'blue-01',
      request: { cpus: 2, template: 'debian-12', network: { address: '10.90.0.1' } },
    });
    expect(second).toMatchObject({
      target: 'blue-02',
      request: { network: { address: '10.90.0.2' } },
    });
  });

  it('lets choose what it offers', async () => {
    const { id } = await create();
    const choices = { cpus: 8, datastore: 'LocalDS_1' };
    const run = await runOf(await deployed(id, { hostname: 'blue-03', choices }));
    expect(run.request).toMatchObject({
      ...{ cpus: 8, memoryMb: 2048, placement: { datastore: { name: 'LocalDS_1' } } },
    });
  });

  it.each([
    [{ cpus: 16 }, 'choices.cpus', 'must be one of 4, 8'],
    [{ memoryMb: 4096 }, 'choices.memoryMb', 'not left to choose'],
  ])('does not let choose %j', async (choices, path, message) => {
    const { id } = await create();
    const problem = problemIn(await deployed(id, { hostname: 'blue-04', choices }));
    expect(problem.status).toBe(400);
    expect(problem.errors).toEqual([{ path, message: expect.stringContaining(message) }]);
  });

  it.each([
    [{ hostname: 'Blue' }, 'hostname'],
    [{}, 'hostname'],
    [{ hostname: 'blue', cpus: 2 }, 'cpus'],
    [{ hostname: 'blue', choices: { colour: 'red' } }, 'choices.colour'],
  ])('is not deployed with %j', async (body, path) => {
    const { id } = await create();
    const problem = problemIn(await deployed(id, body));
    expect(problem.status).toBe(400);
    expect(problem.errors?.map((error) => error.path)).toEqual([path]);
  });

  it('gives the same run for the same key', async () => {
    const { id } = await create();
    const send = () => deployed(id, { hostname: 'blue-05' }, { 'Idempotency-Key': 'blue-5' });
    const [one, other] = await Promise.all([send(), send()]);
    expect(one.body).toMatchObject({ id: RunAccepted.parse(other.body).id });
  });

  it('is refused a name that somebody has, as every deployment', async () => {
    const { id } = await create();
    await deployed(id, { hostname: 'blue-06' });
    expect(problemIn(await deployed(id, { hostname: 'blue-06' })).code).toBe('hostname-taken');
  });

  it('says what of it is not there any more when it is deployed', async () => {
    const { id } = await create({ request: { ...request(), template: 'gone' } });
    const problem = problemIn(await deployed(id, { hostname: 'blue-07' }));
    expect(problem).toMatchObject({ code: 'unknown-object', errors: [{ path: 'template' }] });
  });

  it.each([
    ['a name', { hostname: 'web-01' }, 'request.hostname'],
    [
      'an address',
      { network: { profileId: NOBODY, address: '10.0.0.1' } },
      'request.network.address',
    ],
    ['a wrong size', { cpus: 0 }, 'request.cpus'],
    ['an unknown field', { colour: 'red' }, 'request'],
  ])('with %s is refused', async (_what, wrong, path) => {
    const problem = problemIn(await save(blueprint({ request: { ...request(), ...wrong } })));
    expect(problem.status).toBe(400);
    expect(problem.errors?.map((error) => error.path)).toContain(path);
  });

  it.each([
    [{ cpus: [4, 0] }, 'choices.cpus.1'],
    [{ cpus: [] }, 'choices.cpus'],
    [{ hostname: ['web'] }, 'choices.hostname'],
  ])('that offers %j is refused', async (choices, path) => {
    const problem = problemIn(await save(blueprint({ choices })));
    expect(problem.status).toBe(400);
    expect(problem.errors?.map((error) => error.path)).toEqual([path]);
  });

  it('is changed, listed and removed; a name is one blueprint’s', async () => {
    const made = await create();
    const path = `blueprints/${made.id}`;
    const changed = { ...blueprint({ description: 'New.' }), name: made.name };
    const put = await own.admin.send('PUT', path, { body: changed });
    expect(BlueprintView.parse(put.body)).toMatchObject({ id: made.id, description: 'New.' });
    expect((await own.admin.send('GET', path)).body).toEqual(put.body);
    expect(problemIn(await save(changed)).code).toBe('name-taken');
    const list = await own.admin.send('GET', 'blueprints?limit=200');
    expect(BlueprintPage.parse(list.body).items).toContainEqual(put.body);
    expect((await own.admin.send('DELETE', path)).status).toBe(204);
    expect(problemIn(await own.admin.send('GET', path)).code).toBe('not-found');
    expect(problemIn(await deployed(made.id, { hostname: 'blue-08' })).code).toBe('not-found');
  });
});

describe('a machine of a blueprint', () => {
  it('is made as the blueprint says', async () => {
    const system = await sharedSystem();
    const { client, needed, lab } = system;
    const profile = await client.post(
      'network-profiles',
      {
        name: 'Lab 103',
        portGroups: [{ vcenterId: needed.vcenterId, portGroup: 'DC0_DVPG0' }],
        cidr: '127.77.0.0/16',
        gateway: '127.77.0.1',
        ranges: [{ first: '127.77.103.10', last: '127.77.103.19' }],
      },
      NetworkProfileView,
    );
    const { hostname: _name, ...request } = machineInput(needed, lab, {
      hostname: '',
      network: { address: '' },
    });
    const { id } = await client.post(
      'blueprints',
      {
        name: 'Small Debian',
        request: { ...request, network: { profileId: profile.id } },
        choices: { cpus: [3] },
      },
      BlueprintView,
    );
    const order = { hostname: 'blue-lab-01', choices: { cpus: 3 } };
    const accepted = await client.post(`blueprints/${id}/deploy`, order, RunAccepted);
    const run = await finished(client, accepted.id);
    expect(run).toMatchObject({ failure: null, status: 'success', request: { cpus: 3 } });
    expect(await onGuest(system, '127.77.103.10', 'hostname -s')).toBe('blue-lab-01');
  });
});
