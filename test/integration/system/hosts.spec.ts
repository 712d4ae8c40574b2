import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  EnvironmentView,
  GroupView,
  type HostImportAnswer,
  HostPage,
  HostView,
  RunAccepted,
} from '@diaken/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { copyCatalog, pendingInput } from '../../support/catalog';
import { deploy, finished, machineInput, type Needed } from '../../support/machines';
import { type OwnApi, startOwnApi, withDatabase } from '../../support/own-api';
import { problemIn, type RawApi } from '../../support/raw-api';
import { sharedSystem } from '../../support/shared-system';

const NOBODY = '00000000-0000-4000-8000-000000000000';

let own: OwnApi;
let api: RawApi;
let needed: Needed;
let count = 0;

beforeAll(async () => {
  own = await startOwnApi(inject('system'), 'hosts');
  api = own.admin;
  needed = await copyCatalog(inject('system'), own);
});
afterAll(() => own.stop());

/** A valid host that nobody has entered before. */
const input = (more: object = {}) => {
  count += 1;
  const address = `10.70.${Math.floor(count / 200)}.${(count % 200) + 1}`;
  const { credentialId } = needed;
  return { name: `entered-${count}`, address, osFamily: 'debian', credentialId, ...more };
};

const post = (path: string, body: object) => api.send('POST', path, { body });
const patch = (path: string, body: object) => api.send('PATCH', path, { body });

async function made<T>(path: string, body: object): Promise<T> {
  const answer = await post(path, body);
  if (answer.status !== 201) {
    throw new Error(`${path} was answered ${answer.status}: ${answer.text}`);
  }
  return answer.body as T;
}

const host = (more: object = {}) => made<HostView>('hosts', input(more));
const environment = (name: string) => made<EnvironmentView>('environments', { name });
const group = (environmentId: string, name: string) =>
  made<GroupView>('groups', { environmentId, name });

async function found(query: string): Promise<string[]> {
  const { body } = await api.send('GET', `hosts?limit=200&${query}`);
  return HostPage.parse(body).items.map(({ name }) => name);
}

describe('an environment', () => {
  it('is renamed, and found by a part of its name', async () => {
    const { id } = await environment('Stagng');
    const renamed = await patch(`environments/${id}`, { name: 'Staging', description: 'Before' });
    expect(renamed.body).toMatchObject({ id, name: 'Staging', description: 'Before' });
    expect((await api.send('GET', `environments/${id}`)).body).toEqual(renamed.body);
    expect((await api.send('GET', 'environments?name=TAGI')).body).toEqual({
      items: [renamed.body],
      next: null,
    });
  });

  it('keeps its name to itself', async () => {
    await environment('Only one');
    const { id } = await environment('Another');
    const refused = await patch(`environments/${id}`, { name: 'Only one' });
    expect(problemIn(refused)).toMatchObject({ status: 409, code: 'name-taken' });
  });

  it('cannot go while a group is in it', async () => {
    const { id } = await environment('With a group');
    const { id: groupId } = await group(id, 'web');
    const refused = await api.send('DELETE', `environments/${id}`);
    expect(problemIn(refused)).toMatchObject({ status: 409, code: 'still-in-use' });
    expect((await api.send('DELETE', `groups/${groupId}`)).status).toBe(204);
    expect((await api.send('DELETE', `environments/${id}`)).status).toBe(204);
  });
});

describe('a group', () => {
  it('has a name that is its own within its environment, and counts its hosts', async () => {
    const [first, second] = [await environment('Groups 1'), await environment('Groups 2')];
    const web = await group(first.id, 'web');
    expect(await group(second.id, 'web')).toMatchObject({ name: 'web', hosts: 0 });
    const twice = await post('groups', { environmentId: first.id, name: 'web' });
    expect(problemIn(twice)).toMatchObject({ status: 409, code: 'name-taken' });
    await host({ environmentId: first.id, groupIds: [web.id] });
    expect((await api.send('GET', `groups?environmentId=${first.id}`)).body).toMatchObject({
      items: [{ id: web.id, hosts: 1 }],
    });
    const refused = await api.send('DELETE', `groups/${web.id}`);
    expect(problemIn(refused).code).toBe('still-in-use');
  });

  it('needs an environment that there is', async () => {
    const refused = await post('groups', { environmentId: NOBODY, name: 'web' });
    expect(problemIn(refused)).toMatchObject({ status: 422, errors: [{ path: 'environmentId' }] });
  });
});

describe('a host that somebody enters', () => {
  it('is there at once, and nobody has been in contact with it', async () => {
    const body = input({ name: 'Entered.Example.NET', description: 'A database' });
    const entered = await made<HostView>('hosts', body);
    expect(entered).toMatchObject({
      ...{ name: 'entered.example.net', address: body.address, sshPort: 22 },
      ...{ hostKey: null, vcenterId: null, createdByRun: null, contact: null, archived: null },
    });
    expect((await api.send('GET', `hosts/${entered.id}`)).body).toEqual(entered);
  });

  it('takes name and address from nobody: neither from a host nor from a deployment', async () => {
    const { name, address, id } = await host();
    const sameName = problemIn(await post('hosts', input({ name })));
    expect(sameName).toMatchObject({ status: 409, code: 'hostname-taken', heldBy: { id } });
    const sameAddress = problemIn(await post('hosts', input({ address })));
    expect(sameAddress).toMatchObject({ status: 409, code: 'address-taken', heldBy: { id } });
    const machine = pendingInput(needed, 1);
    const refused = await post('deployments', { ...machine, hostname: name });
    expect(problemIn(refused)).toMatchObject({ code: 'hostname-taken', heldBy: { id } });
    expect((await post('deployments', machine)).status).toBe(202);
    const late = problemIn(await post('hosts', input({ address: machine.network.address })));
    expect(late).toMatchObject({ code: 'address-taken', heldBy: { type: 'run' } });
  });

  it('is one host when twenty people enter it at once', async () => {
    const body = input();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('hosts', body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)]);
  });

  it.each([
    [{ name: 'no name' }, 400, 'name'],
    [{ name: 'all' }, 400, 'name'],
    [{ address: 'db.example.net' }, 400, 'address'],
    [{ address: '10.1.1.300' }, 400, 'address'],
    [{ osFamily: 'beos' }, 400, 'osFamily'],
    [{ hostKey: 'ssh-ed25519 AAAA' }, 400, 'hostKey'],
    [{ credentialId: NOBODY }, 422, 'credentialId'],
    [{ environmentId: NOBODY }, 422, 'environmentId'],
    [{ groupIds: [NOBODY] }, 422, 'groupIds.0'],
  ])('is refused with %j', async (wrong, status, path) => {
    const refused = problemIn(await post('hosts', input(wrong)));
    expect(refused).toMatchObject({ status, errors: [{ path }] });
    expect(refused.remedy).toBeTruthy();
  });

  it('is in groups of its own environment only', async () => {
    const [here, there] = [await environment('Here'), await environment('There')];
    const [ours, theirs] = [await group(here.id, 'web'), await group(there.id, 'web')];
    const wrong = input({ environmentId: here.id, groupIds: [ours.id, theirs.id] });
    expect(problemIn(await post('hosts', wrong))).toMatchObject({
      ...{ status: 422, errors: [{ path: 'groupIds.1' }] },
    });
    const { id } = await host({ environmentId: here.id, groupIds: [ours.id] });
    const moved = problemIn(await patch(`hosts/${id}`, { environmentId: there.id }));
    expect(moved).toMatchObject({ status: 422, errors: [{ path: 'groupIds.0' }] });
    const both = { environmentId: there.id, groupIds: [theirs.id] };
    expect((await patch(`hosts/${id}`, both)).body).toMatchObject(both);
  });

  it('gives its old name and address back when they are changed', async () => {
    const { id, name, address } = await host();
    const { name: next, address: nextAddress } = input();
    const changed = await patch(`hosts/${id}`, { name: next, address: nextAddress, sshPort: 2222 });
    expect(changed.body).toMatchObject({ name: next, address: nextAddress, sshPort: 2222 });
    await host({ name, address });
    const back = problemIn(await patch(`hosts/${id}`, { address }));
    expect(back).toMatchObject({ status: 409, code: 'address-taken' });
    expect((await patch(`hosts/${id}`, { name: next })).status).toBe(200);
  });
});

describe('an archived host', () => {
  it('keeps its history, and frees what others may want', async () => {
    const where = await environment('Soon gone');
    const web = await group(where.id, 'web');
    const gone = await host({ environmentId: where.id, groupIds: [web.id] });
    expect((await api.send('DELETE', `hosts/${gone.id}`)).status).toBe(204);
    expect((await api.send('DELETE', `hosts/${gone.id}`)).status).toBe(204);
    const { body } = await api.send('GET', `hosts/${gone.id}`);
    expect(HostView.parse(body)).toMatchObject({
      ...{ name: gone.name, address: gone.address, credentialId: null, groupIds: [] },
      archived: { by: 'admin', environment: 'Soon gone', groups: ['web'], credential: 'Guests' },
    });
    const { id } = await host({ name: gone.name, address: gone.address });
    expect(await found(`name=${gone.name}&state=archived`)).toEqual([gone.name]);
    expect(await found(`name=${gone.name}`)).toEqual([gone.name]);
    expect(id).not.toBe(gone.id);
    expect((await api.send('DELETE', `groups/${web.id}`)).status).toBe(204);
    expect((await api.send('DELETE', `environments/${where.id}`)).status).toBe(204);
    const refused = problemIn(await patch(`hosts/${gone.id}`, { description: 'x' }));
    expect(refused).toMatchObject({ status: 409, code: 'action-not-allowed' });
  });
});

describe('the list of hosts', () => {
  it('is searched and filtered by the server, page by page', async () => {
    const where = await environment('Listed');
    const web = await group(where.id, 'web');
    const inWeb = { environmentId: where.id, groupIds: [web.id] };
    for (const name of ['list-a', 'list-b', 'list-c']) {
      await host({ name, ...inWeb });
    }
    await host({ name: 'list-d', environmentId: where.id, osFamily: 'redhat' });
    const { address } = await host({ name: 'elsewhere' });
    expect(await found(`groupId=${web.id}`)).toEqual(['list-a', 'list-b', 'list-c']);
    expect(await found(`environmentId=${where.id}`)).toHaveLength(4);
    expect(await found(`environmentId=${where.id}&osFamily=redhat`)).toEqual(['list-d']);
    expect(await found(`text=LIST-B`)).toEqual(['list-b']);
    expect(await found(`text=${address}`)).toEqual(['elsewhere']);
    expect(await found(`vcenterId=${needed.vcenterId}`)).toEqual([]);
    expect(await found('contact=never&text=list-')).toHaveLength(4);
    expect(await found('contact=reachable')).toEqual([]);
    const first = HostPage.parse((await api.send('GET', 'hosts?text=list-&limit=3')).body);
    const path = `hosts?text=list-&limit=3&cursor=${first.next}`;
    const second = HostPage.parse((await api.send('GET', path)).body);
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual([
      ...['list-a', 'list-b', 'list-c', 'list-d'],
    ]);
    expect(second.next).toBeNull();
  });
});

describe('a list of hosts or groups', () => {
  it.each(['hosts', 'groups', 'environments'])(
    'refuses a cursor that is none: %s',
    async (list) => {
      const answer = problemIn(await api.send('GET', `${list}?cursor=nonsense`));
      expect(answer).toMatchObject({ status: 400, code: 'invalid-request' });
    },
  );

  it.each(['hosts?text=%00', 'groups?name=%00', 'hosts/inventory?text=%00', 'hosts?osFamily=beos'])(
    'refuses %s',
    async (path) => {
      expect(problemIn(await api.send('GET', path)).status).toBe(400);
    },
  );

  it.each(['hosts', 'groups', 'environments'])('says that an id is nobody’s: %s', async (noun) => {
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const request = method === 'PATCH' ? { body: { description: 'x' } } : {};
      expect(problemIn(await api.send(method, `${noun}/${NOBODY}`, request)).status).toBe(404);
    }
  });
});

describe('a CSV of hosts', () => {
  const importing = (lines: readonly string[], more: object = {}) =>
    post('hosts/import', { csv: lines.join('\r\n'), credentialId: needed.credentialId, ...more });

  it('adds every host with what it names', async () => {
    const where = await environment('Imported');
    const groups = [await group(where.id, 'db'), await group(where.id, 'web')];
    const lines = [
      '\uFEFFname,address,os_family,environment,groups,ssh_port,credential,description',
      'csv-1,10.71.0.1,debian,Imported,db; web,2222,Guests,"one, two"',
      'CSV-2,10.71.0.2,RedHat,,,,,',
    ];
    const checked = await importing(lines, { dryRun: true });
    expect(checked.body).toEqual({
      dryRun: true,
      hosts: [
        { line: 2, name: 'csv-1', id: null },
        { line: 3, name: 'csv-2', id: null },
      ],
    });
    expect(await found('name=csv-')).toEqual([]);
    const { hosts } = (await importing(lines)).body as HostImportAnswer;
    expect((await api.send('GET', `hosts/${hosts[0]?.id}`)).body).toMatchObject({
      ...{ name: 'csv-1', sshPort: 2222, description: 'one, two', environmentId: where.id },
      groupIds: groups.map(({ id }) => id).sort(),
    });
    expect(await found('name=csv-&osFamily=redhat')).toEqual(['csv-2']);
  });

  it('adds nothing when lines are wrong, and names each of them', async () => {
    const { name } = await host();
    const answer = await importing([
      'name,address,os_family,environment,groups,credential',
      'wrong-1,10.72.0.1,debian,,,',
      'wrong 2,10.72.0.300,debian,,,',
      'wrong-3,10.72.0.3,beos,Nowhere,,',
      'wrong-4,10.72.0.4,debian,,web,Nobody',
      'wrong-1,10.72.0.1,debian,,,',
      `${name},10.72.0.7,debian,,,`,
    ]);
    const { status, code, errors = [] } = problemIn(answer);
    expect({ status, code }).toEqual({ status: 422, code: 'import-refused' });
    expect(errors.map(({ path }) => path)).toEqual([
      ...['csv.3.name', 'csv.3.address', 'csv.4.environment', 'csv.4.osFamily'].map((path) =>
        path.replace('osFamily', 'os_family'),
      ),
      ...['csv.5.credential', 'csv.5.groups', 'csv.6.name', 'csv.6.address', 'csv.7.name'],
    ]);
    expect(errors[2]?.message).toBe('line 4: there is no environment "Nowhere"');
    expect(await found('name=wrong')).toEqual([]);
  });

  it.each([
    ['no header that is known', ['host,ip', 'a,b'], 'csv.1.host'],
    ['nothing below its header', ['name,address,os_family'], 'csv'],
    ['a line that is too short', ['name,address,os_family', 'a,b'], 'csv'],
    ['a quote that does not end', ['name,address,os_family', '"a,10.1.1.1,debian'], 'csv'],
  ])('with %s is refused', async (_what, lines, path) => {
    const { code, errors = [] } = problemIn(await importing(lines));
    expect(code).toBe('import-refused');
    expect(errors[0]?.path).toBe(path);
  });

  it('of two thousand hosts is added as one', async () => {
    const lines = Array.from(
      { length: 2_000 },
      (_line, at) => `many-${at},10.73.${at >> 8}.${at & 255},debian`,
    );
    const answer = await importing(['name,address,os_family', ...lines]);
    expect((answer.body as HostImportAnswer).hosts).toHaveLength(2_000);
    const { rows } = await withDatabase(own.databaseUrl, (database) =>
      database.query(`SELECT count(*)::int AS count FROM host WHERE name LIKE 'many-%'`),
    );
    expect(rows[0]?.count).toBe(2_000);
  });
});

describe('the inventory for Ansible', () => {
  it.each(['ini', 'yaml', 'json'])('is read by Ansible as it is meant, as %s', async (format) => {
    const where = await environment(`3 Ländle/${format}`);
    const [web, db] = [await group(where.id, 'web-servers'), await group(where.id, 'db')];
    const environmentId = where.id;
    await host({
      name: `${format}-1`,
      environmentId,
      groupIds: [web.id, db.id],
      address: `10.74.1.${format.charCodeAt(0)}`,
    });
    await host({
      name: `${format}-2.example.net`,
      environmentId,
      groupIds: [web.id],
      sshPort: 2222,
    });
    await host({ name: `${format}-3`, environmentId, address: `fd00::${format.charCodeAt(0)}` });
    const query = `hosts/inventory?environmentId=${environmentId}&format=${format}`;
    const { text, headers } = await api.send('GET', query);
    expect(headers.get('Content-Disposition')).toContain('inventory.');
    expect(text).not.toMatch(/PRIVATE|password/i);
    const read = await readByAnsible(text, format === 'yaml' ? 'yml' : format);
    const parent = `_3_L_ndle_${format}`;
    expect(read['_meta']).toEqual({
      hostvars: {
        [`${format}-1`]: ways(`10.74.1.${format.charCodeAt(0)}`),
        [`${format}-2.example.net`]: ways(expect.any(String), 2222),
        [`${format}-3`]: ways(`fd00::${format.charCodeAt(0)}`),
      },
    });
    expect(read[parent]).toMatchObject({
      children: expect.arrayContaining([`${parent}_db`, `${parent}_web_servers`]),
    });
    expect(read[`${parent}_web_servers`]).toEqual({
      hosts: [`${format}-1`, `${format}-2.example.net`],
    });
    expect(read[`${parent}_db`]).toEqual({ hosts: [`${format}-1`] });
  });

  const ways = (address: unknown, port = 22) => ({
    ...{ ansible_host: address, ansible_port: port, ansible_user: 'root' },
  });
});

describe('a machine that a run made', () => {
  it('is a host that has been logged in to, in the groups that were asked for', async () => {
    const { client, needed: real, lab } = await sharedSystem();
    const where = await client.post('environments', { name: 'Grouped' }, EnvironmentView);
    const named = { environmentId: where.id, name: 'web' };
    const web = await client.post('groups', named, GroupView);
    const more = { environmentId: where.id, groupIds: [web.id] };
    const network = { address: '127.77.140.1' };
    const machine = machineInput(real, lab, { hostname: 'grouped-01', network, ...more });
    const run = await finished(client, await deploy(client, machine));
    expect(run.failure).toBeNull();
    const { items } = await client.get(`hosts?groupId=${web.id}&contact=reachable`, HostPage);
    expect(items).toMatchObject([
      { name: 'grouped-01', ...more, contact: { runId: run.id, failure: null } },
    ]);
  });
});

describe('a check of hosts', () => {
  it('logs in to each, pins its key at first sight, and shows on the hosts how it went', async () => {
    const { client, needed: real, lab } = await sharedSystem();
    const address = '127.77.140.2';
    const machine = machineInput(real, lab, { hostname: 'checked-01', network: { address } });
    const made = await finished(client, await deploy(client, machine));
    expect(made.failure).toBeNull();
    const [known] = (await client.get('hosts?name=checked-01', HostPage)).items;
    await client.remove(`hosts/${known?.id}`);
    const { credentialId } = real;
    const entered = { osFamily: 'debian', credentialId, sshPort: lab.sshPort };
    const there = await client.post('hosts', { ...entered, name: 'checked-01', address }, HostView);
    const nobody = { ...entered, name: 'checked-02', address: '127.77.140.3' };
    const away = await client.post('hosts', nobody, HostView);

    const accepted = await client.post('hosts/check', { text: 'checked-0' }, RunAccepted);
    const run = await finished(client, accepted.id);
    expect(run).toMatchObject({ kind: 'check-host', status: 'success', target: '2 hosts' });
    expect(run.result).toMatchObject({ hosts: 2, reachable: 1 });
    const { hostKey, contact } = await client.get(`hosts/${there.id}`, HostView);
    expect(hostKey).toBe(known?.hostKey);
    expect(contact).toMatchObject({ runId: run.id, failure: null });
    expect(contact?.reachableSince).toBe(contact?.checkedAt);
    expect((await client.get(`hosts/${away.id}`, HostView)).contact).toMatchObject({
      ...{ runId: run.id, reachableSince: null },
      failure: { code: 'guest-unreachable', remedy: expect.stringMatching(/\w/) },
    });

    const again = await client.post(`hosts/${there.id}/check`, {}, RunAccepted);
    expect(await finished(client, again.id)).toMatchObject({ target: 'checked-01' });
    const later = await client.get(`hosts/${there.id}`, HostView);
    expect(later.contact).toMatchObject({
      runId: again.id,
      reachableSince: contact?.reachableSince,
    });
    const repeated = await client.post(`runs/${again.id}/relaunch`, {}, RunAccepted);
    expect(await finished(client, repeated.id)).toMatchObject({
      ...{ relaunchOf: again.id, hosts: [{ host: 'checked-01', ok: 1, unreachable: 0 }] },
    });
  });

  it('is not started again by somebody who may not start one', async () => {
    const { id } = await host();
    const { body } = await post(`hosts/${id}/check`, {});
    const run = (body as RunAccepted).id;
    expect((await post(`runs/${run}/cancel`, {})).status).toBe(202);
    const scopes = ['runs:read', 'deployments:write'];
    const { token } = await made<{ token: string }>('tokens', { name: 'relaunch', scopes });
    const refused = await api.withToken(token).send('POST', `runs/${run}/relaunch`, { body: {} });
    expect(problemIn(refused)).toMatchObject({ status: 403, code: 'not-allowed' });
    expect((await post(`runs/${run}/relaunch`, {})).status).toBe(202);
  });

  it('is refused when it means no host, or one that is archived', async () => {
    const { id } = await host();
    await api.send('DELETE', `hosts/${id}`);
    expect(problemIn(await post(`hosts/${id}/check`, {})).code).toBe('action-not-allowed');
    expect(problemIn(await post('hosts/check', { ids: [id] }))).toMatchObject({ status: 422 });
    expect(problemIn(await post('hosts/check', { text: 'nobody-has-this' })).status).toBe(422);
    expect(problemIn(await post('hosts/check', {})).status).toBe(400);
    expect(problemIn(await post(`hosts/${NOBODY}/check`, {})).status).toBe(404);
  });
});

/** What `ansible-inventory --list` makes of it. */
async function readByAnsible(text: string, extension: string): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(inject('system').folder, 'inventory-'));
  try {
    const file = join(folder, `inventory.${extension}`);
    await writeFile(file, text);
    const env = { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C.UTF-8' };
    const { stdout } = await promisify(execFile)('ansible-inventory', ['-i', file, '--list'], {
      env,
    });
    return JSON.parse(stdout) as Record<string, unknown>;
  } finally {
    await rm(folder, { recursive: true });
  }
}
