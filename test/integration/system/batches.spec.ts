import { stringify } from 'csv-stringify/sync';
import {
  AddressUse,
  BatchAccepted,
  BatchPage,
  BatchView,
  CancelManyAnswer,
  isSettled,
  NetworkProfileView,
  RunPage,
} from '@diaken/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { copyCatalog, pendingInput } from '../../support/catalog';
import { machineInput, type Needed, onGuest, settled } from '../../support/machines';
import { type OwnApi, startOwnApi, withDatabase } from '../../support/own-api';
import { type Answer, problemIn, RawApi } from '../../support/raw-api';
import { sharedSystem } from '../../support/shared-system';

const CSV = { 'Content-Type': 'text/csv' };

describe('a batch', () => {
  let own: OwnApi;
  let needed: Needed;
  let count = 0;

  beforeAll(async () => {
    own = await startOwnApi(inject('system'), 'batches');
    needed = await copyCatalog(inject('system'), own);
  });
  beforeEach(() =>
    withDatabase(own.databaseUrl, async (database) => {
      await database.query('DELETE FROM run');
      await database.query('DELETE FROM batch');
    }),
  );
  afterAll(() => own.stop());

  const machine = () => pendingInput(needed, ++count);
  const machines = (size: number) => Array.from({ length: size }, machine);
  const send = (body: unknown, headers: Record<string, string> = {}) =>
    own.admin.send('POST', 'deployments/batch', { body, headers });
  const accepted = (answer: Answer) => {
    expect(answer.status, answer.text).toBe(202);
    return BatchAccepted.parse(answer.body);
  };
  const read = async (id: string) =>
    BatchView.parse((await own.admin.send('GET', `batches/${id}`)).body);
  async function nothingIsThere(): Promise<void> {
    expect(RunPage.parse((await own.admin.send('GET', 'runs')).body).items).toEqual([]);
    expect(BatchPage.parse((await own.admin.send('GET', 'batches')).body).items).toEqual([]);
    const reserved = await withDatabase(own.databaseUrl, (database) =>
      database.query('SELECT * FROM reservation'),
    );
    expect(reserved.rows).toEqual([]);
  }
  const profile = async (ranges: object[]) => {
    const body = {
      name: `Batch ${++count}`,
      portGroups: [{ vcenterId: needed.vcenterId, portGroup: 'DC0_DVPG0' }],
      cidr: '10.80.0.0/24',
      ranges,
    };
    return NetworkProfileView.parse(
      (await own.admin.send('POST', 'network-profiles', { body })).body,
    ).id;
  };
  const withProfile = (profileId: string, more: object = {}) => ({
    ...machine(),
    network: { profileId, ...more },
  });

  it('of 200 machines is one answer, and one run for each in their order', async () => {
    const asked = machines(200);
    const answer = await send({ name: 'Everything', machines: asked });
    const batch = accepted(answer);
    expect(answer.headers.get('Location')).toBe(batch.link);
    const view = await read(batch.id);
    expect(view).toMatchObject({ name: 'Everything', size: 200, counts: { pending: 200 } });
    expect(view.runs.map(({ target }) => target)).toEqual(asked.map(({ hostname }) => hostname));
    expect(view.runs.map(({ id }) => id)).toEqual(batch.runs.map(({ id }) => id));
    const { items } = BatchPage.parse((await own.admin.send('GET', 'batches')).body);
    expect(items).toMatchObject([{ id: batch.id, size: 200 }]);
    const { items: runs } = RunPage.parse(
      (await own.admin.send('GET', `runs?batchId=${batch.id}&limit=200`)).body,
    );
    expect(runs).toHaveLength(200);
  });

  it('creates nothing where machines are wrong, and names each of them', async () => {
    const asked = machines(30);
    asked[4] = { ...machine(), cpus: 0 };
    asked[7] = { ...machine(), hostname: 'Not_A_Name' };
    const problem = problemIn(await send({ machines: asked }));
    expect(problem.status).toBe(400);
    expect(problem.errors?.map(({ path }) => path)).toEqual([
      ...['machines.4.cpus', 'machines.7.hostname'],
    ]);
    await nothingIsThere();
  });

  it('creates nothing where machines name what is not there, and names each of them', async () => {
    const asked = machines(30);
    asked[3] = { ...machine(), template: 'windows-95' };
    asked[29] = { ...machine(), datastore: 'nowhere' };
    const problem = problemIn(await send({ machines: asked }));
    expect(problem).toMatchObject({ status: 422, code: 'unknown-object' });
    expect(problem.errors?.map(({ path }) => path)).toEqual([
      ...['machines.3.template', 'machines.29.datastore'],
    ]);
    expect(problem.detail).toContain('Nothing was created.');
    await nothingIsThere();
  });

  it('creates nothing where two machines ask for the same', async () => {
    const [first, second, third] = [machine(), machine(), machine()];
    const asked = [
      first,
      { ...second, hostname: first.hostname },
      { ...third, network: { ...third.network, address: first.network.address } },
    ];
    expect(problemIn(await send({ machines: asked })).errors?.map(({ path }) => path)).toEqual([
      ...['machines.1.hostname', 'machines.2.network.address'],
    ]);
    await nothingIsThere();
  });

  it('creates nothing where somebody has a name or an address, and says who', async () => {
    const [other, another] = [machine(), machine()];
    const one = await own.admin.send('POST', 'deployments', { body: other });
    await own.admin.send('POST', 'deployments', { body: another });
    const asked = machines(3);
    const [a, b, c] = asked;
    const problem = problemIn(
      await send({
        machines: [
          a,
          { ...b, hostname: other.hostname },
          { ...c, network: { ...c?.network, address: another.network.address } },
        ],
      }),
    );
    expect(problem.code).toBe('hostname-taken');
    expect(problem.errors?.map(({ path }) => path)).toEqual([
      ...['machines.1.hostname', 'machines.2.network.address'],
    ]);
    expect(problem.errors?.[0]?.message).toContain((one.body as { id: string }).id);
    const { items } = BatchPage.parse((await own.admin.send('GET', 'batches')).body);
    expect(items).toEqual([]);
    accepted(await send({ machines: asked }));
  });

  it('gets the next free addresses in its own order, around those that it names', async () => {
    const id = await profile([{ first: '10.80.0.10', last: '10.80.0.30' }]);
    const asked = [
      withProfile(id),
      withProfile(id, { address: '10.80.0.11' }),
      withProfile(id),
      withProfile(id),
    ];
    const batch = accepted(await send({ machines: asked }));
    const use = AddressUse.parse(
      (await own.admin.send('GET', `network-profiles/${id}/addresses?state=reserved`)).body,
    );
    const [first, second, third, fourth] = batch.runs.map((run) => run.id);
    expect(use.items.map(({ address, holder }) => [address, holder?.id])).toEqual([
      ['10.80.0.10', first],
      ['10.80.0.11', second],
      ['10.80.0.12', third],
      ['10.80.0.13', fourth],
    ]);
  });

  it('creates nothing where a profile has too few addresses, and says for which machines', async () => {
    const id = await profile([{ first: '10.80.0.40', last: '10.80.0.41' }]);
    const asked = [withProfile(id), withProfile(id), machine(), withProfile(id)];
    const problem = problemIn(await send({ machines: asked }));
    expect(problem).toMatchObject({
      status: 409,
      code: 'no-free-address',
      errors: [{ path: 'machines.3.network.address' }],
    });
    await nothingIsThere();
  });

  it('that competes with others for addresses gets all of its own, or none', async () => {
    const id = await profile([{ first: '10.80.0.100', last: '10.80.0.159' }]);
    const batches = Array.from({ length: 5 }, () =>
      send({ machines: Array.from({ length: 10 }, () => withProfile(id)) }),
    );
    const singles = Array.from({ length: 10 }, () =>
      own.admin.send('POST', 'deployments', { body: withProfile(id) }),
    );
    const answers = await Promise.all([...batches, ...singles]);
    expect(answers.map(({ status }) => status)).toEqual(Array(15).fill(202));
    const use = await own.admin.send('GET', `network-profiles/${id}/addresses?limit=1`);
    expect(AddressUse.parse(use.body).counts).toMatchObject({ reserved: 60, free: 0 });
  });

  it('that is sent twice under one key is one batch', async () => {
    const body = { machines: machines(5) };
    const headers = { 'Idempotency-Key': 'batch-1' };
    const answers = await Promise.all([send(body, headers), send(body, headers)]);
    const [one, other] = answers.map(accepted);
    expect(one).toEqual(other);
    expect(accepted(await send(body, headers))).toEqual(one);
    const reused = await send({ machines: machines(1) }, headers);
    expect(problemIn(reused).code).toBe('idempotency-key-reused');
  });

  it('is cancelled as a whole', async () => {
    const batch = accepted(await send({ machines: machines(4) }));
    const single = await own.admin.send('POST', 'deployments', { body: machine() });
    const body = { batchId: batch.id };
    const answer = await own.admin.send('POST', 'runs/cancel', { body });
    expect(CancelManyAnswer.parse(answer.body).cancelled).toBe(4);
    expect((await read(batch.id)).counts).toEqual({ cancelled: 4 });
    const { id } = single.body as { id: string };
    expect((await own.admin.send('GET', `runs/${id}/status`)).body).toMatchObject({
      status: 'pending',
    });
  });

  it('comes as a CSV as well, with fields for columns', async () => {
    const id = await profile([]);
    const rows = machines(3).map(({ network: _network, ...fields }) => ({
      ...fields,
      'network.profileId': id,
      'network.dns': '10.80.0.2 10.80.0.3',
      'extraVars.role': 'web',
    }));
    const batch = accepted(await send(stringify(rows, { header: true }), CSV));
    const run = await own.admin.send('GET', `runs/${batch.runs[2]?.id}`);
    expect(run.body).toMatchObject({
      target: rows[2]?.hostname,
      request: {
        cpus: 2,
        network: { address: '10.80.0.3', dns: ['10.80.0.2', '10.80.0.3'] },
        extraVars: { role: 'web' },
      },
    });
  });

  it.each([
    ['a wrong field', 'cpus', 'none', 'line 4.cpus'],
    ['an unknown column', 'colour', 'red', 'line 4.colour'],
    ['a template that is not there', 'template', 'windows-95', 'line 4.template'],
  ])('as a CSV with %s is refused, and the line is named', async (_what, column, value, path) => {
    const rows = machines(3).map(({ network, ...fields }, index) => ({
      ...fields,
      'network.cidr': network.cidr,
      'network.portGroup': network.portGroup,
      'network.address': network.address,
      ...(column in fields ? {} : { [column]: '' }),
      ...(index === 2 && { [column]: value }),
    }));
    const problem = problemIn(await send(stringify(rows, { header: true }), CSV));
    expect(problem.errors?.map((error) => error.path)).toEqual([path]);
    await nothingIsThere();
  });

  it.each([
    ['an empty list', { machines: [] }, {}, 'machines'],
    ['201 machines', { machines: Array(201).fill({}) }, {}, 'machines'],
    ['an unknown field', { machines: [], colour: 1 }, {}, 'colour'],
    ['a CSV without machines', 'hostname\n', CSV, 'machines'],
    ['a CSV that is none', 'hostname,cpus\nweb,1,2\n', CSV, 'line 2'],
    ['text that is neither', 'hello', { 'Content-Type': 'text/plain' }, ''],
  ])('with %s is refused', async (_what, body, headers, path) => {
    const problem = problemIn(await send(body, headers));
    expect(problem.status).toBe(400);
    expect(problem.errors?.map((error) => error.path)).toContain(path);
  });

  it('that is not there is not found', async () => {
    const id = '0f0e0d0c-0b0a-4900-8000-00000000000f';
    expect(problemIn(await own.admin.send('GET', `batches/${id}`)).code).toBe('not-found');
    expect(problemIn(await own.admin.send('GET', 'batches?cursor=x')).code).toBe('invalid-request');
  });
});

describe('30 machines in one batch', () => {
  it(
    'are all made, or none where one of them has a wrong address',
    { timeout: 900_000 },
    async () => {
      const system = await sharedSystem();
      const { client, needed, lab } = system;
      const api = await RawApi.signedIn(system.url);
      const rows = Array.from({ length: 30 }, (_, index) => {
        const { network, ...fields } = machineInput(needed, lab, {
          hostname: `batch-${index + 1}`,
          network: { address: `127.77.101.${index + 1}`, cidr: '127.77.100.0/22' },
        });
        return {
          ...fields,
          'network.portGroup': network.portGroup,
          'network.cidr': network.cidr,
          'network.address': index === 17 ? '127.77.104.1' : network.address,
          'network.gateway': '127.77.100.1',
        };
      });
      const send = (body: string) =>
        api.send('POST', 'deployments/batch', { body, headers: { 'Content-Type': 'text/csv' } });
      const problem = problemIn(await send(stringify(rows, { header: true })));
      // The header is line 1.
      expect(problem.errors).toEqual([
        {
          path: 'line 19.network.address',
          message: expect.stringContaining('outside its network'),
        },
      ]);
      expect((await client.get('runs?target=batch-&limit=1', RunPage)).items).toEqual([]);

      const corrected = rows.map((row, index) => ({
        ...row,
        'network.address': `127.77.101.${index + 1}`,
      }));
      const answer = await send(stringify(corrected, { header: true }));
      const batch = BatchAccepted.parse(answer.body);
      await Promise.all(
        batch.runs.map(async ({ id }) => {
          while (!isSettled((await settled(client, id)).status)) {
            // A wait ends after five minutes; thirty machines on a small computer take longer.
          }
        }),
      );
      const view = await client.get(`batches/${batch.id}`, BatchView);
      expect(view.runs.filter(({ failure }) => failure !== null)).toEqual([]);
      expect(view.counts).toEqual({ success: 30 });
      for (const { 'network.address': address, hostname } of corrected) {
        expect(await onGuest(system, address, 'hostname -s')).toBe(hostname);
      }
    },
  );
});
