import { DeploymentRequest, type DeploymentInput } from '@diaken/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { copyCatalog, pendingInput } from '../../support/catalog';
import type { Needed } from '../../support/machines';
import { mutations } from '../../support/mutations';
import { type OwnApi, startOwnApi, withDatabase } from '../../support/own-api';
import { type Answer, problemIn, type RawApi } from '../../support/raw-api';

const NOBODY = '00000000-0000-4000-8000-000000000000';

let own: OwnApi;
let api: RawApi;
let needed: Needed;
let count = 0;

beforeAll(async () => {
  own = await startOwnApi(inject('system'), 'requests');
  api = own.admin;
  needed = await copyCatalog(inject('system'), own);
});
afterAll(() => own.stop());

/** A valid request that nobody has made before. */
const input = (): DeploymentInput => pendingInput(needed, ++count);
const deploy = (body: unknown) => api.send('POST', 'deployments', { body });
const withNetwork = (network: object) => {
  const { network: valid, ...machine } = input();
  return { ...machine, network: { ...valid, ...network } };
};

/** The text of an object with one more member, for what JavaScript cannot say. */
const textWith = (object: object, member: string) =>
  `${JSON.stringify(object).slice(0, -1)},${member}}`;

/** The paths of the fields that an answer finds fault with; what it says must help. */
function faultsIn(answer: Answer): string[] {
  const { detail, remedy, errors = [] } = problemIn(answer);
  expect(detail.length).toBeGreaterThan(10);
  expect(remedy?.length).toBeGreaterThan(10);
  errors.forEach(({ message }) => expect(message).toMatch(/\w{2} \w/));
  return errors.map(({ path }) => path);
}

describe('a deployment request', () => {
  it('is taken when it is right', async () => {
    expect((await deploy(input())).status).toBe(202);
  });

  it.each([
    ['an upper-case host name', { hostname: 'API' }, 'hostname'],
    ['a host name with a dot', { hostname: 'api.example' }, 'hostname'],
    ['a host name that ends in a hyphen', { hostname: 'api-' }, 'hostname'],
    ['a host name of 64 characters', { hostname: 'a'.repeat(64) }, 'hostname'],
    ['an empty host name', { hostname: '' }, 'hostname'],
    ['no processors', { cpus: 0 }, 'cpus'],
    ['half a processor', { cpus: 1.5 }, 'cpus'],
    ['a number as a text', { cpus: '2' }, 'cpus'],
    ['more memory than any machine has', { memoryMb: 2 ** 31 }, 'memoryMb'],
    ['memory that vSphere refuses', { memoryMb: 1023 }, 'memoryMb'],
    ['an id that is none', { vcenterId: 'lab' }, 'vcenterId'],
    ['a null', { template: null }, 'template'],
    ['a list where a text belongs', { cluster: ['DC0_C0'] }, 'cluster'],
    ['an object where a text belongs', { datastore: {} }, 'datastore'],
    ['an operating system that we do not know', { osFamily: 'plan9' }, 'osFamily'],
    ['21 playbooks', { playbookIds: Array(21).fill(NOBODY) }, 'playbookIds'],
    ['a playbook id that is none', { playbookIds: [NOBODY, 'x'] }, 'playbookIds.1'],
    [
      'a connection variable',
      { extraVars: { ansible_host: '10.0.0.1' } },
      'extraVars.ansible_host',
    ],
    ['a variable that Ansible cannot name', { extraVars: { 'a-b': 1 } }, 'extraVars.a-b'],
    ['an unknown field', { hostnmae: 'api' }, 'hostnmae'],
    ['two unknown fields', { memory: 1, cpu: 2 }, 'memory cpu'],
  ])('with %s is refused, and the field named', async (_what, change, path) => {
    const answer = await deploy({ ...input(), ...change });
    expect(answer.status).toBe(400);
    expect(faultsIn(answer)).toEqual(path.split(' '));
  });

  it.each([
    ['an address outside its network', { address: '10.61.0.10' }, 'network.address'],
    ['the first address of its network', { address: '10.60.0.0' }, 'network.address'],
    ['the last address of its network', { address: '10.60.255.255' }, 'network.address'],
    ['an address with leading zeros', { address: '10.60.0.010' }, 'network.address'],
    ['an IPv6 address', { address: 'fe80::1' }, 'network.address'],
    ['a network that does not begin where it says', { cidr: '10.60.0.9/24' }, 'network.cidr'],
    ['a prefix that is too long', { cidr: '10.60.0.0/33' }, 'network.cidr'],
    ['a gateway outside its network', { gateway: '10.61.0.1' }, 'network.gateway'],
    ['a name server that is none', { dns: ['10.60.0.2', 'dns'] }, 'network.dns.1'],
    ['an unknown network field', { netmask: '255.255.0.0' }, 'network.netmask'],
  ])('with %s is refused, and the field named', async (_what, change, path) => {
    const answer = await deploy(withNetwork(change));
    expect(answer.status).toBe(400);
    expect(faultsIn(answer)).toContain(path);
  });

  it('is told of everything that is missing at once', async () => {
    const answer = await deploy({});
    expect(answer.status).toBe(400);
    expect(faultsIn(answer)).toEqual([
      ...['hostname', 'vcenterId', 'template', 'cluster', 'datastore'],
      ...['network', 'credentialId'],
    ]);
    expect(problemIn(answer).detail).toBe(
      'hostname: is missing; it must be of type string (and 6 more)',
    );
  });

  it.each([
    ['template', { template: 'windows-95' }, 'template'],
    ['cluster', { cluster: 'DC0_C9' }, 'cluster'],
    ['folder', { folder: 'nowhere' }, 'folder'],
    ['vCenter', { vcenterId: NOBODY }, 'vcenterId'],
    ['credential', { credentialId: NOBODY }, 'credentialId'],
    ['environment', { environmentId: NOBODY }, 'environmentId'],
    ['group', { groupIds: [NOBODY] }, 'groupIds.0'],
    ['playbook', { playbookIds: [NOBODY] }, 'playbookIds.0'],
  ])(
    'for a %s that is not there is refused, and says where to look',
    async (_what, change, path) => {
      const answer = await deploy({ ...input(), ...change });
      expect(problemIn(answer).code).toBe('unknown-object');
      expect(faultsIn(answer)).toContain(path);
    },
  );

  it('for a name that two objects have asks for the MoRef of one, and takes that', async () => {
    await withDatabase(own.databaseUrl, (database) =>
      database.query(
        `INSERT INTO inventory_object
           (vcenter_id, mo_type, mo_ref, kind, name, path, datacenter, parent, details)
         SELECT vcenter_id, mo_type, mo_ref || '-twin', kind, name, path || '/twin', datacenter, parent, details
         FROM inventory_object WHERE kind = 'datastore' AND name = 'LocalDS_1'`,
      ),
    );
    const answer = await deploy({ ...input(), datastore: 'LocalDS_1' });
    const { code, errors } = problemIn(answer);
    expect(code).toBe('ambiguous-object');
    expect(faultsIn(answer)).toEqual(['datastore']);
    const [, moRef] =
      /give the MoRef of one: (\S+-twin|\S+) /.exec(errors?.[0]?.message ?? '') ?? [];
    expect((await deploy({ ...input(), datastore: moRef })).status).toBe(202);
  });

  it('for a vCenter that nobody has read yet says which run to wait for', async () => {
    const created = await api.send('POST', 'vcenters', {
      body: { name: 'Unread', url: 'https://unread.example/sdk', username: 'u', password: 'p' },
    });
    const answer = await deploy({ ...input(), vcenterId: (created.body as { id: string }).id });
    expect(problemIn(answer)).toMatchObject({ code: 'inventory-not-ready', status: 409 });
    expect(problemIn(answer).remedy).toContain('sync-inventory');
  });
});

describe('a body', () => {
  it.each([
    ['broken JSON', '{"hostname": ', 'malformed-body'],
    ['JSON with something after it', '{} {}', 'malformed-body'],
    ['null', 'null', 'malformed-body'],
    ['a number', '3', 'malformed-body'],
    ['a text', '"machine"', 'malformed-body'],
    ['a list', '[]', 'invalid-request'],
    ['nothing at all', undefined, 'invalid-request'],
  ])('that is %s is refused', async (_what, body, code) => {
    const answer = await api.send('POST', 'deployments', { body });
    expect(problemIn(answer)).toMatchObject({ status: 400, code });
    faultsIn(answer);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'of the type %s is refused, and the right type named',
    async (type) => {
      const headers = { 'Content-Type': type };
      const answer = await api.send('POST', 'deployments', { body: input(), headers });
      expect(answer.status).toBe(400);
      expect(problemIn(answer).detail).toContain('application/json');
    },
  );

  it('in another character set is refused', async () => {
    const headers = { 'Content-Type': 'application/json; charset=latin1' };
    const answer = await api.send('POST', 'deployments', { body: input(), headers });
    expect(problemIn(answer).code).toBe('unsupported-media-type');
  });

  it('of two megabytes is refused, and the connection lives on', async () => {
    const answer = await deploy({ ...input(), template: 'x'.repeat(2_000_000) });
    expect(answer.status).toBe(413);
    expect(problemIn(answer)).toMatchObject({
      code: 'body-too-large',
      requestId: answer.headers.get('X-Request-Id'),
    });
    expect((await deploy(input())).status).toBe(202);
  });

  it.each([65, 2_000, 100_000, 400_000])('nested %i deep is refused', async (depth) => {
    const nested = `"extraVars":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const answer = await deploy(textWith(input(), nested));
    expect(answer.status).toBe(400);
    expect(problemIn(answer).detail).toContain('levels deep');
  });

  it.each([
    ['', '"__proto__":{"isAdmin":true}'],
    ['extraVars', '"extraVars":{"__proto__":{"isAdmin":true}}'],
    ['extraVars.a', '"extraVars":{"a":{"__proto__":{"isAdmin":true}}}'],
  ])('with __proto__ in "%s" is refused', async (path, member) => {
    const answer = await deploy(textWith(input(), member));
    expect(answer.status).toBe(400);
    expect(faultsIn(answer)).toEqual([path]);
  });

  it('may name a variable like a member of every object', async () => {
    const extraVars = { constructor: { name: 1 }, toString: 'x', hasOwnProperty: [] };
    const answer = await deploy({ ...input(), extraVars });
    expect(answer.status).toBe(202);
    const run = await api.send('GET', `runs/${(answer.body as { id: string }).id}`);
    expect(run.body).toMatchObject({ request: { extraVars } });
  });

  it.each(['1e400', '-1e400', '1e309'])('with the number %s is refused', async (number) => {
    const answer = await deploy(textWith(input(), `"extraVars":{"a":${number}}`));
    expect(answer.status).toBe(400);
    expect(faultsIn(answer)).toEqual(['extraVars.a']);
  });
});

describe('characters that a database cannot keep', () => {
  const BAD = ['a\0b', '\0', 'half \ud800 a pair', '\udc00'];
  const places: [string, string, (text: string) => object, string][] = [
    ['POST', 'deployments', (text) => ({ ...input(), template: text }), 'template'],
    ['POST', 'deployments', (text) => withNetwork({ portGroup: text }), 'network.portGroup'],
    ['POST', 'deployments', (text) => ({ ...input(), extraVars: { a: [text] } }), 'extraVars.a.0'],
    [
      'POST',
      'deployments',
      (text) => ({ ...input(), extraVars: { a: { [text]: 1 } } }),
      'extraVars.a',
    ],
    ['POST', 'environments', (text) => ({ name: text }), 'name'],
    ['POST', 'environments', (text) => ({ name: 'x', description: text }), 'description'],
    ['POST', 'playbooks', (text) => ({ name: 'x', content: `- hosts: all # ${text}` }), 'content'],
    ['POST', 'tokens', (text) => ({ name: text }), 'name'],
    ['POST', 'session', (text) => ({ username: text, password: 'x' }), 'username'],
    ['POST', 'session', (text) => ({ username: 'x', password: text }), 'password'],
  ];
  it.each(places)('are refused by %s %s', async (method, path, bodyWith, field) => {
    for (const text of BAD) {
      const answer = await api.send(method, path, { body: bodyWith(text) });
      expect(answer.status).toBe(400);
      expect(faultsIn(answer)).toEqual([field]);
    }
  });

  it.each(['runs?target=%00', 'hosts?name=a%00', 'runs/%00', 'runs?cursor=%00'])(
    'are refused in the address %s',
    async (path) => {
      expect((await api.send('GET', path)).status).toBe(400);
    },
  );
});

describe('an address', () => {
  it.each([
    ['GET', 'nothing-here'],
    ['GET', ''],
    ['GET', '/api'],
    ['GET', '/api/v2/runs'],
    ['POST', '/'],
    ['GET', 'runs/'.repeat(500)],
    ['GET', 'deployments'],
    ['GET', '/api/v2'],
    ['PATCH', 'deployments'],
    ['DELETE', 'runs'],
    ['PUT', `runs/${NOBODY}`],
    ['PROPFIND', 'runs'],
    ['OPTIONS', 'runs'],
    ['GET', `runs/${NOBODY}`],
    ['GET', `runs/${NOBODY}/status`],
    ['GET', `runs/${NOBODY}/events`],
    ['GET', `runs/${NOBODY}/log`],
    ['GET', `runs/${NOBODY}/log/stream`],
    ['GET', `runs/${NOBODY}/wait`],
    ['GET', `hosts/${NOBODY}`],
    ['DELETE', `hosts/${NOBODY}`],
    ['GET', `vcenters/${NOBODY}`],
    ['DELETE', `vcenters/${NOBODY}`],
    ['POST', `vcenters/${NOBODY}/sync`],
    ['GET', `vcenters/${NOBODY}/inventory`],
    ['GET', `credentials/${NOBODY}`],
    ['DELETE', `credentials/${NOBODY}`],
    ['GET', `playbooks/${NOBODY}`],
    ['DELETE', `playbooks/${NOBODY}`],
    ['DELETE', `environments/${NOBODY}`],
    ['DELETE', `tokens/${NOBODY}`],
  ])('where nothing is answers 404: %s %s', async (method, path) => {
    const answer = await api.send(method, path);
    expect(problemIn(answer)).toMatchObject({ status: 404, code: 'not-found' });
  });

  it.each(['runs/1', 'runs/1/status', 'hosts/1', 'vcenters/1/inventory', 'playbooks/%20'])(
    'with an id that is none is refused: %s',
    async (path) => {
      const answer = await api.send('GET', path);
      expect(answer.status).toBe(400);
      expect(faultsIn(answer)).toEqual(['id']);
    },
  );

  it.each(['runs/%ZZ', '/%ZZ', '/api/%', 'runs/%80'])(
    'that is wrongly encoded is refused, and not the body blamed: %s',
    async (path) => {
      const { code, detail } = problemIn(await api.send('GET', path));
      expect(code).toBe('invalid-request');
      expect(detail).toContain('path');
    },
  );

  it('answers HEAD as it answers GET, without a body', async () => {
    const answer = await api.send('HEAD', 'runs');
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('');
  });

  it.each([
    ['runs?limit=0', 'limit'],
    ['runs?limit=201', 'limit'],
    ['runs?limit=1&limit=2', 'limit'],
    ['runs?status=done', 'status'],
    ['runs?status[]=failed', 'status[]'],
    ['runs?state=failed', 'state'],
    ['runs?target=' + 'x'.repeat(254), 'target'],
    [`runs/${NOBODY}/log?from=0`, 'from'],
    [`runs/${NOBODY}/log?from=`, 'from'],
    [`runs/${NOBODY}/log?from=1e300`, 'from'],
    [`runs/${NOBODY}/log?limit=5001`, 'limit'],
    [`runs/${NOBODY}/wait?timeout=301`, 'timeout'],
    [`runs/${NOBODY}/events?after=-1`, 'after'],
    [`vcenters/${NOBODY}/inventory?kind=disk`, 'kind'],
  ])('with a wrong query is refused, and the field named: %s', async (path, field) => {
    const answer = await api.send('GET', path);
    expect(answer.status).toBe(400);
    expect(faultsIn(answer)).toEqual([field]);
  });

  it('with a line number beyond every log answers no lines', async () => {
    const { id } = (await deploy(input())).body as { id: string };
    for (const from of [2 ** 31 - 1, Number.MAX_SAFE_INTEGER]) {
      const answer = await api.send('GET', `runs/${id}/log?from=${from}`);
      expect(answer.body).toEqual({ items: [], total: 0 });
    }
  });
});

describe('a cursor that no list has made', () => {
  const cursor = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  const CURSORS = [
    'x',
    cursor({}),
    cursor([1, 2]),
    cursor(['a', 'b']),
    cursor(['2026-01-01T00:00:00.000Z', 'b']),
    cursor(['0000-01-01T00:00:00.000Z', 'b']),
    cursor(['a\0', NOBODY]),
    cursor(['a', NOBODY, 'c']),
  ];
  it.each([
    ...['runs', 'hosts', 'vcenters', 'credentials', 'playbooks', 'environments', 'tokens'],
    'network-profiles',
    'blueprints',
    'batches',
  ])('is refused by %s', async (list) => {
    for (const one of CURSORS) {
      const answer = await api.send('GET', `${list}?cursor=${one}`);
      expect(problemIn(answer)).toMatchObject({ status: 400, code: 'invalid-request' });
      expect(problemIn(answer).detail).toContain('cursor');
    }
  });

  it('of a time that PostgreSQL does not have is refused by runs', async () => {
    for (const at of ['infinity', '0000-01-01T00:00:00.000Z', '2026-02-30T00:00:00.000Z']) {
      const answer = await api.send('GET', `runs?cursor=${cursor([at, NOBODY])}`);
      expect(problemIn(answer).code).toBe('invalid-request');
    }
  });

  it('is refused by the inventory', async () => {
    for (const one of ['x', cursor([1, 2]), cursor(['a\0', 'b'])]) {
      const answer = await api.send('GET', `vcenters/${needed.vcenterId}/inventory?cursor=${one}`);
      expect(problemIn(answer).code).toBe('invalid-request');
    }
  });
});

describe('an Idempotency-Key', () => {
  it.each(['', 'two words', 'x'.repeat(201), 'schlüssel'])('of "%s" is refused', async (key) => {
    const headers = { 'Idempotency-Key': key };
    const answer = await api.send('POST', 'deployments', { body: input(), headers });
    expect(answer.status).toBe(400);
    expect(faultsIn(answer)).toEqual(['Idempotency-Key']);
  });
});

describe('a playbook', () => {
  const bomb = ['a: &a [x,x]', ...'bcdefgh']
    .map((line, index) => {
      const before = String.fromCharCode(96 + index);
      return line.length > 1
        ? `- ${line}`
        : `- ${line}: &${line} [${Array(10).fill(`*${before}`)}]`;
    })
    .join('\n');
  it.each([
    ['is no YAML', '- hosts: ['],
    ['is no list', 'hosts: all'],
    ['is an empty list', '[]'],
    ['is a list of texts', '- all'],
    ['has two documents', '- hosts: all\n---\n- hosts: all'],
    ['names an anchor that is not there', '- hosts: *nobody'],
    ['unfolds to millions of words', bomb],
    ['is nested 50,000 deep', '['.repeat(50_000)],
  ])('that %s is refused', async (_what, content) => {
    const answer = await api.send('POST', 'playbooks', { body: { name: 'Wrong', content } });
    expect(answer.status).toBe(400);
    expect(faultsIn(answer)).toEqual(['content']);
  });
});

describe('a text that means something elsewhere', () => {
  const TEXTS = [
    `'; DROP TABLE run; --`,
    '"quotes" and \\backslashes\\ and `ticks`',
    'two\nlines\r\nand a\ttab',
    '{{ lookup("pipe", "id") }} {% raw %}',
    '; rm -rf / & $(id) | true',
    '<script>alert(1)</script> &amp; %00 %s ${x}',
    'Grüße, 世界 🎉 \u202eabc',
  ];

  it.each(TEXTS)('is kept as it is, in a description: %s', async (text) => {
    const body = { name: `Kept ${TEXTS.indexOf(text)}`, description: text };
    expect(await storedAs('environments', body)).toMatchObject(body);
  });

  it.each(TEXTS)('is kept as it is, in a name: %s', async (text) => {
    expect(await storedAs('environments', { name: text })).toMatchObject({ name: text });
    expect(await storedAs('tokens', { name: text })).toMatchObject({ name: text });
  });

  it.each(TEXTS)('is kept as it is, in a playbook: %s', async (text) => {
    const content = `- hosts: all\n  vars:\n    text: ${JSON.stringify(text)}\n`;
    const body = { name: text, description: text, content };
    expect(await storedAs('playbooks', body)).toMatchObject(body);
    const { items } = (await api.send('GET', 'playbooks')).body as {
      items: { id: string; name: string }[];
    };
    const { id = '' } = items.find(({ name }) => name === text) ?? {};
    expect((await api.send('GET', `playbooks/${id}`)).body).toMatchObject(body);
  });

  it.each(TEXTS)('is kept as it is, in variables: %s', async (text) => {
    const extraVars = { text, list: [text], nested: { [text]: text } };
    const { id } = (await deploy({ ...input(), extraVars })).body as { id: string };
    expect((await api.send('GET', `runs/${id}`)).body).toMatchObject({ request: { extraVars } });
  });

  it.each(TEXTS)('is kept as it is, as the user of a vCenter: %s', async (text) => {
    const url = 'https://elsewhere.example/sdk';
    const body = { name: text, url, username: text };
    expect(await storedAs('vcenters', { ...body, password: text })).toMatchObject(body);
  });

  it.each(TEXTS)('is refused where it could only be a mistake: %s', async (text) => {
    const machine = [{ hostname: text }, { vcenterId: text }, { credentialId: text }];
    for (const change of machine) {
      const answer = await deploy({ ...input(), ...change });
      expect(answer.status).toBe(400);
      expect(faultsIn(answer)).toEqual(Object.keys(change));
    }
    for (const change of [{ address: text }, { cidr: text }, { domain: text }, { dns: [text] }]) {
      const answer = await deploy(withNetwork(change));
      expect(answer.status).toBe(400);
      expect(faultsIn(answer)[0]).toContain(`network.${Object.keys(change)[0]}`);
    }
    const names = await deploy({ ...input(), template: text });
    expect(problemIn(names).code).toBe('unknown-object');
    const credential = { name: 'x', kind: 'ssh-key', username: text, privateKey: text };
    const answer = await api.send('POST', 'credentials', { body: credential });
    expect(faultsIn(answer)).toEqual(['username', 'privateKey']);
  });

  it.each(TEXTS)('finds nothing as a filter: %s', async (text) => {
    for (const filter of [
      'runs?target',
      'hosts?name',
      `vcenters/${needed.vcenterId}/inventory?name`,
    ]) {
      const answer = await api.send('GET', `${filter}=${encodeURIComponent(text)}`);
      const found = (answer.body as { items: { target?: string }[] }).items;
      // A sync is called after its vCenter, and those above have such names.
      expect(found.filter(({ target }) => target !== text)).toEqual([]);
    }
  });

  async function storedAs(list: string, body: { name: string; [field: string]: unknown }) {
    const made = await api.send('POST', list, { body });
    expect(made.status).toBe(201);
    const { items } = (await api.send('GET', `${list}?limit=200`)).body as {
      items: { id: string }[];
    };
    const listed = items.find(({ id }) => id === (made.body as { id: string }).id);
    expect(made.body).toMatchObject(listed ?? { id: 'in the list' });
    return made.body;
  }
});

describe('300 requests with something wrong in them', () => {
  it('are taken or refused, and never end in an error of ours', async () => {
    const seed = 20_260;
    const statuses = new Map<number, number>();
    for (const { what, body } of mutations(input, seed, 300)) {
      const answer = await deploy(body);
      const isTaken = answer.status === 202;
      const problem = isTaken ? undefined : problemIn(answer);
      const told = `${what}: ${answer.status} ${problem?.detail}`;
      expect(isTaken || (answer.status >= 400 && answer.status < 500), told).toBe(true);
      // What the contract takes, only the state of the system may refuse.
      const isValid = DeploymentRequest.safeParse(body).success;
      expect(isValid || !isTaken, told).toBe(true);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
    expect([...statuses.keys()].sort()).toEqual(expect.arrayContaining([202, 400, 422]));
  });
});

describe('the log of the API', () => {
  it('tells of no error of ours after all of this', () => {
    const errors = own
      .stdout()
      .split('\n')
      .filter((line) => line.includes('"level":50'));
    expect(errors).toEqual([]);
    expect(own.stderr()).toBe('');
  });
});
