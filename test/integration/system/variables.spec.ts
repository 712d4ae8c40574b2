import {
  EnvironmentView,
  GroupView,
  HostPage,
  RunAccepted,
  VariablePage,
  VariableView,
} from '@diaken/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { copyCatalog } from '../../support/catalog';
import {
  deploy,
  finished,
  logOf,
  machineInput,
  type Needed,
  onGuest,
  storePlaybook,
} from '../../support/machines';
import { type OwnApi, startOwnApi, withDatabase } from '../../support/own-api';
import { problemIn, type RawApi } from '../../support/raw-api';
import { sharedSystem } from '../../support/shared-system';

const SECRET = 'S3cret {{ 7 * 7 }} of variables';
const NOBODY = '00000000-0000-4000-8000-000000000000';

let own: OwnApi;
let api: RawApi;
let needed: Needed;
let count = 0;

beforeAll(async () => {
  own = await startOwnApi(inject('system'), 'variables');
  api = own.admin;
  needed = await copyCatalog(inject('system'), own);
});
afterAll(() => own.stop());

const post = (path: string, body: object) => api.send('POST', path, { body });
const patch = (path: string, body: object) => api.send('PATCH', path, { body });

async function made<T = VariableView>(path: string, body: object): Promise<T> {
  const answer = await post(path, body);
  if (answer.status !== 201) {
    throw new Error(`${path} was answered ${answer.status}: ${answer.text}`);
  }
  return answer.body as T;
}

/** A host in a group of an environment, all of them new. */
async function place() {
  const number = ++count;
  const environment = await made<EnvironmentView>('environments', { name: `Place ${number}` });
  const inIt = { environmentId: environment.id };
  const group = await made<GroupView>('groups', { ...inIt, name: 'web' });
  const host = await made<{ id: string; name: string }>('hosts', {
    ...{ name: `place-${number}`, address: `10.80.0.${number}`, osFamily: 'debian', ...inIt },
    ...{ credentialId: needed.credentialId, groupIds: [group.id] },
  });
  return { environment, group, host };
}

describe('a variable', () => {
  it.each([
    ['string', '{{ not a template }}'],
    ['number', 1.5],
    ['boolean', false],
    ['list', ['a', { b: null }]],
    ['dict', { deep: { list: [1] } }],
  ])('of the type %s is given back as it was stored', async (type, value) => {
    const stored = await made('variables', {
      name: `typed_${type}`,
      type,
      value,
      section: 'Types',
    });
    expect(stored).toMatchObject({ scope: 'global', ownerId: null, type, value });
    expect((await api.send('GET', `variables/${stored.id}`)).body).toEqual(stored);
  });

  it.each([
    [{ name: 'ansible_host' }, 'name'],
    [{ name: 'Ansible_User' }, 'name'],
    [{ name: 'diaken_run' }, 'name'],
    [{ name: 'hostvars' }, 'name'],
    [{ name: '1st' }, 'name'],
    [{ type: 'number' }, 'value'],
    [{ type: 'list', value: {} }, 'value'],
    [{ type: 'dict', value: [] }, 'value'],
    [{ type: 'secret', value: '' }, 'value'],
    [{ type: 'date' }, 'type'],
    [{ scope: 'host' }, 'ownerId'],
    [{ ownerId: NOBODY }, 'ownerId'],
  ])('is refused with %j', async (wrong, path) => {
    const body = { name: 'right', type: 'string', value: 'x', ...wrong };
    const { status, errors } = problemIn(await post('variables', body));
    expect({ status, errors }).toMatchObject({ status: 400, errors: [{ path }] });
  });

  it('is of an environment, a group or a host that there is', async () => {
    for (const scope of ['environment', 'group', 'host']) {
      const body = { name: 'x', type: 'string', value: 'x', scope, ownerId: NOBODY };
      const refused = problemIn(await post('variables', body));
      expect(refused).toMatchObject({ status: 422, errors: [{ path: 'ownerId' }] });
    }
  });

  it('has a name that is its own within what it is of', async () => {
    const { host } = await place();
    const body = { name: 'only_one', type: 'string', value: 'x' };
    const { id } = await made('variables', body);
    expect(problemIn(await post('variables', body)).code).toBe('name-taken');
    await made('variables', { ...body, scope: 'host', ownerId: host.id });
    const other = await made('variables', { ...body, name: 'other_one' });
    const renamed = problemIn(await patch(`variables/${other.id}`, { name: 'only_one' }));
    expect(renamed.code).toBe('name-taken');
    expect((await api.send('DELETE', `variables/${id}`)).status).toBe(204);
    expect((await patch(`variables/${other.id}`, { name: 'only_one' })).status).toBe(200);
  });

  it('is changed, its value with its type only', async () => {
    const { id } = await made('variables', { name: 'changed', type: 'number', value: 1 });
    const changed = await patch(`variables/${id}`, { type: 'list', value: [2], section: 'New' });
    expect(changed.body).toMatchObject({ type: 'list', value: [2], section: 'New' });
    for (const wrong of [{ value: 3 }, { type: 'number' }, { type: 'number', value: 'three' }]) {
      expect(problemIn(await patch(`variables/${id}`, wrong)).status).toBe(400);
    }
    expect((await api.send('GET', `variables/${id}`)).body).toEqual(changed.body);
  });

  it('that is secret is stored sealed and shown to nobody', async () => {
    const input = { name: 'hidden', type: 'secret', value: SECRET, section: 'Secrets' };
    const { id } = await made('variables', input);
    const answers = [
      await api.send('GET', `variables/${id}`),
      await api.send('GET', 'variables?section=Secrets'),
      await api.send('GET', 'variables/export?section=Secrets&format=json'),
      await patch(`variables/${id}`, {
        description: 'Rotated',
        type: 'secret',
        value: `${SECRET}!`,
      }),
      await patch(`variables/${id}`, { description: 'Kept' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(answers.map(({ text }) => text).join()).not.toContain('S3cret');
    expect(answers.at(-1)?.body).toMatchObject({ type: 'secret', value: null });
    const { rows } = await withDatabase(own.databaseUrl, (database) =>
      database.query('SELECT to_jsonb(variable)::text AS row FROM variable WHERE id = $1', [id]),
    );
    expect(rows[0]?.row).toContain('v2.own.');
    expect(rows[0]?.row).not.toContain('S3cret');
  });

  it('goes with the group and the host that it is of', async () => {
    const { group, host } = await place();
    const body = { name: 'goes_too', type: 'secret', value: SECRET };
    await made('variables', { ...body, scope: 'group', ownerId: group.id });
    await made('variables', { ...body, scope: 'host', ownerId: host.id });
    await api.send('DELETE', `hosts/${host.id}`);
    await api.send('DELETE', `groups/${group.id}`);
    expect((await api.send('GET', 'variables?name=goes_too')).body).toEqual({
      items: [],
      next: null,
    });
    const late = { ...body, scope: 'host', ownerId: host.id };
    expect(problemIn(await post('variables', late)).status).toBe(422);
  });
});

describe('the variables', () => {
  it.each(['?cursor=nonsense', '?name=%00', '?scope=planet', '/1', '/export?format=toml'])(
    'refuse %s',
    async (query) => {
      expect(problemIn(await api.send('GET', `variables${query}`)).status).toBe(400);
    },
  );

  it('say that an id is nobody’s', async () => {
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const request = method === 'PATCH' ? { body: { section: 'x' } } : {};
      const answer = await api.send(method, `variables/${NOBODY}`, request);
      expect(problemIn(answer).status).toBe(404);
    }
  });
});

describe('the variables of a host', () => {
  it('are one value for each name, the nearest, and say whose others it wins over', async () => {
    const { environment, group, host } = await place();
    const store = (scope: string, ownerId: string | null, value: string) =>
      made('variables', { name: 'nearest', type: 'string', value, scope, ownerId });
    await store('global', null, 'everywhere');
    await store('environment', environment.id, 'here');
    await store('group', group.id, 'web');
    const effective = () => api.send('GET', `hosts/${host.id}/variables`);
    const nearest = async () => {
      const { items } = (await effective()).body as { items: { name: string }[] };
      return items.find(({ name }) => name === 'nearest');
    };
    expect(await nearest()).toMatchObject({
      ...{ scope: 'group', owner: 'web', value: 'web' },
      wins: [
        { scope: 'global', owner: null },
        { scope: 'environment', owner: environment.name },
      ],
    });
    await store('host', host.id, 'mine');
    expect(await nearest()).toMatchObject({ scope: 'host', owner: host.name, value: 'mine' });
    const { id: groupVariable } = VariablePage.parse(
      (await api.send('GET', `variables?ownerId=${group.id}&scope=group`)).body,
    ).items[0] ?? { id: '' };
    expect((await api.send('DELETE', `variables/${groupVariable}`)).status).toBe(204);
  });
});

describe('a file of variables', () => {
  const importing = (content: string, more: object = {}) =>
    post('variables/import', { content, ...more });

  it.each(['json', 'yaml'])('as %s brings back what was exported', async (format) => {
    const { environment, group, host } = await place();
    const section = `file ${format}`;
    const inputs = [
      { name: 'file_global', type: 'dict', value: { a: [1, null] } },
      {
        name: 'file_env',
        type: 'string',
        value: 'yes',
        scope: 'environment',
        ownerId: environment.id,
      },
      { name: 'file_group', type: 'boolean', value: true, scope: 'group', ownerId: group.id },
      { name: 'file_host', type: 'number', value: 7, scope: 'host', ownerId: host.id },
      { name: 'file_secret', type: 'secret', value: SECRET },
    ];
    for (const input of inputs) {
      await made('variables', { ...input, section });
    }
    const list = async () =>
      VariablePage.parse((await api.send('GET', `variables?section=${section}`)).body).items;
    const before = await list();
    const exported = await api.send('GET', `variables/export?section=${section}&format=${format}`);
    expect(exported.headers.get('Content-Disposition')).toContain('variables.');
    for (const { id } of before) {
      await api.send('DELETE', `variables/${id}`);
    }
    expect((await importing(exported.text, { dryRun: true })).body).toEqual({
      ...{ dryRun: true, created: 4, updated: 0, skipped: 0, withoutValue: ['file_secret'] },
    });
    expect(await list()).toEqual([]);
    expect((await importing(exported.text)).body).toMatchObject({ created: 4, dryRun: false });
    const known = ({ name, scope, ownerId, type, value }: VariableView) => ({
      ...{ name, scope, ownerId, type, value },
    });
    expect((await list()).map(known)).toEqual(
      before.filter(({ type }) => type !== 'secret').map(known),
    );
    for (const { id } of await list()) {
      await api.send('DELETE', `variables/${id}`);
    }
  });

  it('skips or overwrites what there is, as it is told', async () => {
    await made('variables', { name: 'there', type: 'string', value: 'old' });
    const content =
      'variables:\n- {name: there, type: number, value: 2}\n- {name: fresh, type: string, value: x}\n';
    expect((await importing(content)).body).toMatchObject({ created: 1, skipped: 1, updated: 0 });
    const overwrite = { existing: 'overwrite' };
    expect((await importing(content, overwrite)).body).toMatchObject({ created: 0, updated: 2 });
    const { items } = VariablePage.parse((await api.send('GET', 'variables?name=there')).body);
    expect(items).toMatchObject([{ type: 'number', value: 2 }]);
  });

  it('changes nothing when something in it is wrong, and names each fault', async () => {
    const variables = [
      { name: 'fine_one', type: 'string', value: 'x' },
      { name: 'ansible_user', type: 'string', value: 'x' },
    ];
    const wrongName = problemIn(await importing(JSON.stringify({ variables })));
    expect(wrongName).toMatchObject({
      code: 'import-refused',
      errors: [{ path: 'variables.1.name' }],
    });
    const others = [
      { name: 'fine_one', type: 'string', value: 'x' },
      { name: 'fine_one', type: 'string', value: 'y' },
      { name: 'typed', type: 'number', value: 'three' },
      {
        name: 'owned',
        type: 'string',
        value: 'x',
        scope: 'group',
        environment: 'Nowhere',
        group: 'a',
      },
      { name: 'empty', type: 'string' },
    ];
    const { errors = [] } = problemIn(await importing(JSON.stringify({ variables: others })));
    expect(errors.map(({ path }) => path)).toEqual([
      ...['variables.1.name', 'variables.2.value', 'variables.3.environment', 'variables.4.value'],
    ]);
    expect((await api.send('GET', 'variables?name=fine_one')).body).toMatchObject({ items: [] });
  });

  it.each(['variables: [', 'just a text', '- a list', 'variables: [*nobody]'])(
    'that reads %j is refused',
    async (content) => {
      const { code, status } = problemIn(await importing(content));
      expect({ code, status }).toEqual({ code: 'import-refused', status: 422 });
    },
  );
});

describe('a playbook on a host', () => {
  it('is told the value of the narrowest scope, literally, and shows no secret', async () => {
    const { client, needed: real, lab, keyFile } = await sharedSystem();
    const where = await client.post('environments', { name: 'Told' }, EnvironmentView);
    const group = async (name: string) =>
      client.post('groups', { environmentId: where.id, name }, GroupView);
    const [web, db] = [await group('web'), await group('db')];
    const store = (
      name: string,
      value: unknown,
      scope = 'global',
      ownerId: string | null = null,
    ) => {
      const type = typeof value === 'string' ? 'string' : 'list';
      return client.post('variables', { name, type, value, scope, ownerId }, VariableView);
    };
    const scopes = [
      ...([
        ['global', null],
        ['environment', where.id],
      ] as const),
      ...([
        ['group', db.id],
        ['group', web.id],
      ] as const),
    ];
    // Each scope has its own name, and all that a wider scope has.
    for (const [at, [scope, ownerId]] of scopes.entries()) {
      for (let name = at; name < 6; name++) {
        await store(`told_${name}`, `${scope} ${at}`, scope, ownerId);
      }
    }
    await store('told_list', ['{{ 7 * 7 }}', '😀 "q"']);
    const secret = { name: 'told_secret', type: 'secret', value: SECRET };
    await client.post('variables', secret, VariableView);
    const content = `
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.assert: { that: told_4 == "host" }
    - ansible.builtin.copy:
        dest: /root/told.json
        content: "{{ [told_0, told_1, told_2, told_3, told_4, told_5, told_list, told_secret] | to_json }}"
    - ansible.builtin.debug: { msg: "the secret is {{ told_secret }}" }
`;
    const playbookId = await storePlaybook(client, 'Told', content);
    const network = { address: '127.77.141.1' };
    const machine = machineInput(real, lab, {
      ...{ hostname: 'told-01', network, environmentId: where.id, groupIds: [db.id, web.id] },
      ...{ playbookIds: [playbookId], extraVars: { told_5: '{{ run }}' } },
    });
    const held = await finished(client, await deploy(client, machine));
    expect(held.failure).toMatchObject({ step: 'run-playbooks', code: 'playbook-failed' });
    const [host] = (await client.get('hosts?name=told-01', HostPage)).items;
    await store('told_4', 'host', 'host', host?.id);
    await client.post(`runs/${held.id}/resume`, {}, RunAccepted);
    const run = await finished(client, held.id);
    expect(run.failure).toBeNull();

    const told: unknown = parse(
      await onGuest({ keyFile, lab }, network.address, 'cat /root/told.json'),
    );
    expect(told).toEqual([
      ...['global 0', 'environment 1', 'group 2', 'group 3', 'host', '{{ run }}'],
      ...[['{{ 7 * 7 }}', '😀 "q"'], SECRET],
    ]);
    expect(run.result['variables']).toEqual(
      expect.arrayContaining([
        { name: 'told_2', scope: 'group', owner: 'db', isSecret: false },
        { name: 'told_3', scope: 'group', owner: 'web', isSecret: false },
        { name: 'told_5', scope: 'run', owner: null, isSecret: false },
        { name: 'told_secret', scope: 'global', owner: null, isSecret: true },
      ]),
    );
    const log = await logOf(client, run.id);
    expect(log.join('\n')).toContain('the secret is ********');
    expect(log.find((line) => line.startsWith('Variables:'))).toContain(
      'told_secret (global, secret)',
    );
    expect(JSON.stringify([log, run])).not.toContain('S3cret');
  });
});
