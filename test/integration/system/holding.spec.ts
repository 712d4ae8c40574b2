import { randomUUID } from 'node:crypto';
import { type DeploymentInput, HostPage, RunAccepted, RunPage } from '@diaken/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { copyCatalog, pendingInput } from '../../support/catalog';
import type { Needed } from '../../support/machines';
import { type OwnApi, startOwnApi, withDatabase } from '../../support/own-api';
import { type Answer, problemIn } from '../../support/raw-api';

const TIMES = 20;

let own: OwnApi;
let needed: Needed;
let count = 0;

beforeAll(async () => {
  own = await startOwnApi(inject('system'), 'holding');
  needed = await copyCatalog(inject('system'), own);
});
afterAll(() => own.stop());

const input = (): DeploymentInput => pendingInput(needed, ++count);
const deploy = (body: unknown, key?: string) =>
  own.admin.send('POST', 'deployments', {
    body,
    ...(key !== undefined && { headers: { 'Idempotency-Key': key } }),
  });
const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort();
const acceptedIn = (answers: readonly Answer[]) => {
  const accepted = answers.find(({ status }) => status === 202);
  return RunAccepted.parse(accepted?.body);
};
const refusedIn = (answers: readonly Answer[]) => {
  const refused = answers.find(({ status }) => status !== 202);
  return problemIn(refused ?? answers[0] ?? fail());
};
const numberOfRuns = async () => {
  const { rows } = await withDatabase(own.databaseUrl, (database) =>
    database.query('SELECT count(*)::int AS runs FROM run'),
  );
  return rows[0].runs as number;
};

function fail(): never {
  throw new Error('There is no answer');
}

describe('two requests at once', () => {
  it(`for one name: one is taken, the other is told who holds it; ${TIMES} times`, async () => {
    for (let time = 0; time < TIMES; time++) {
      const [one, other] = [input(), input()];
      const answers = await Promise.all([
        deploy(one),
        deploy({ ...other, hostname: one.hostname }),
      ]);
      expect(statusesOf(answers)).toEqual([202, 409]);
      const { id } = acceptedIn(answers);
      expect(refusedIn(answers)).toMatchObject({
        code: 'hostname-taken',
        heldBy: { type: 'run', id, name: one.hostname, link: `/api/v1/runs/${id}` },
        errors: [{ path: 'hostname' }],
      });
    }
  });

  it(`for one address: one is taken, the other is told who holds it; ${TIMES} times`, async () => {
    for (let time = 0; time < TIMES; time++) {
      const [one, other] = [input(), input()];
      const answers = await Promise.all([deploy(one), deploy({ ...other, network: one.network })]);
      expect(statusesOf(answers)).toEqual([202, 409]);
      const { id } = acceptedIn(answers);
      expect(refusedIn(answers)).toMatchObject({
        code: 'address-taken',
        heldBy: { type: 'run', id, link: `/api/v1/runs/${id}` },
        errors: [{ path: 'network.address' }],
      });
    }
  });

  it(`for each other's address never wait for each other; ${TIMES} times`, async () => {
    for (let time = 0; time < TIMES; time++) {
      const [one, other] = [input(), input()];
      const crossed = { ...one, hostname: other.hostname };
      const answers = await Promise.all([deploy(one), deploy(other), deploy(crossed)]);
      expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThan(0);
      expect(answers.every(({ status }) => [202, 409].includes(status))).toBe(true);
    }
  });

  it('leave nothing of the one that was refused', async () => {
    const before = await numberOfRuns();
    const one = input();
    await Promise.all(Array.from({ length: TIMES }, () => deploy(one)));
    expect(await numberOfRuns()).toBe(before + 1);
    const other = input();
    const held = { ...other, hostname: one.hostname };
    expect((await deploy(held)).status).toBe(409);
    // The refused request has taken its address first, and given it back.
    expect((await deploy(other)).status).toBe(202);
  });
});

describe('an Idempotency-Key', () => {
  it('makes ten requests at once one run, and all of them are told its id', async () => {
    const [key, body, before] = [randomUUID(), input(), await numberOfRuns()];
    const answers = await Promise.all(Array.from({ length: 10 }, () => deploy(body, key)));
    expect(statusesOf(answers)).toEqual(Array(10).fill(202));
    expect(new Set(answers.map((answer) => RunAccepted.parse(answer.body).id)).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => headers.get('Location'))).size).toBe(1);
    expect(await numberOfRuns()).toBe(before + 1);
  });

  it('finds the run again later, also when only the order of the fields differs', async () => {
    const [key, body] = [randomUUID(), input()];
    const first = acceptedIn([await deploy(body, key)]);
    const reversed = Object.fromEntries(Object.entries(body).reverse());
    expect(acceptedIn([await deploy(reversed, key)]).id).toBe(first.id);
    expect(acceptedIn([await deploy({ ...body, playbookIds: [] }, key)]).id).toBe(first.id);
  });

  it('finds the run again after what the request names has gone', async () => {
    const [key, body] = [randomUUID(), { ...input(), datastore: 'LocalDS_1' }];
    const first = acceptedIn([await deploy(body, key)]);
    const gone = `DELETE FROM inventory_object WHERE name = 'LocalDS_1'`;
    await withDatabase(own.databaseUrl, (database) => database.query(gone));
    expect((await deploy({ ...input(), datastore: 'LocalDS_1' })).status).toBe(422);
    expect(acceptedIn([await deploy(body, key)]).id).toBe(first.id);
  });

  it('with another body is refused, and names the run that has it', async () => {
    const [key, body] = [randomUUID(), input()];
    const { id } = acceptedIn([await deploy(body, key)]);
    const answer = await deploy({ ...body, cpus: 7 }, key);
    expect(problemIn(answer)).toMatchObject({ status: 409, code: 'idempotency-key-reused' });
    expect(problemIn(answer).detail).toContain(id);
  });

  it('with two bodies at once takes one of them', async () => {
    for (let time = 0; time < TIMES; time++) {
      const key = randomUUID();
      const answers = await Promise.all([deploy(input(), key), deploy(input(), key)]);
      expect(statusesOf(answers)).toEqual([202, 409]);
      expect(refusedIn(answers).code).toBe('idempotency-key-reused');
    }
  });

  it('of a request that was refused can be used again', async () => {
    const [key, taken, free] = [randomUUID(), input(), input()];
    await deploy(taken);
    expect((await deploy({ ...free, hostname: taken.hostname }, key)).status).toBe(409);
    expect((await deploy(free, key)).status).toBe(202);
  });

  it('works for reading an inventory too, and is not shared with a deployment', async () => {
    const [key, path] = [randomUUID(), `vcenters/${needed.vcenterId}/sync`];
    const headers = { 'Idempotency-Key': key };
    const answers = await Promise.all([1, 2].map(() => own.admin.send('POST', path, { headers })));
    expect(statusesOf(answers)).toEqual([202, 202]);
    expect(new Set(answers.map((answer) => RunAccepted.parse(answer.body).id)).size).toBe(1);
    expect((await deploy(input(), key)).status).toBe(409);
  });
});

describe('an accepted request', () => {
  it('says where its run is, and the run is there', async () => {
    const body = input();
    const answer = await deploy(body);
    const { id, status, links } = RunAccepted.parse(answer.body);
    expect(status).toBe('pending');
    expect(answer.headers.get('Location')).toBe(`/api/v1/runs/${id}`);
    expect(links.self).toBe(`/api/v1/runs/${id}`);
    for (const link of [links.self, links.status, links.events, links.log]) {
      expect((await own.admin.send('GET', link)).status).toBe(200);
    }
    const { items } = RunPage.parse(
      (await own.admin.send('GET', `runs?target=${body.hostname}`)).body,
    );
    expect(items.map((run) => run.id)).toEqual([id]);
  });
});

describe('a host', () => {
  it('holds its name and address until it is deleted', async () => {
    const body = input();
    const { id: runId } = acceptedIn([await deploy(body)]);
    const hostId = await becomeHost(runId, body);
    expect(problemIn(await deploy({ ...input(), hostname: body.hostname }))).toMatchObject({
      code: 'hostname-taken',
      heldBy: { type: 'host', id: hostId, name: body.hostname, link: `/api/v1/hosts/${hostId}` },
    });
    expect(problemIn(await deploy({ ...input(), network: body.network }))).toMatchObject({
      code: 'address-taken',
      heldBy: { type: 'host', id: hostId },
    });

    const gone = await own.admin.send('DELETE', `hosts/${hostId}`);
    expect([gone.status, gone.text]).toEqual([204, '']);
    const kept = await own.admin.send('GET', `hosts/${hostId}`);
    expect(kept.body).toMatchObject({ id: hostId, archived: { at: expect.any(String) } });
    const { items } = HostPage.parse((await own.admin.send('GET', 'hosts')).body);
    expect(items).toEqual([]);
    expect((await deploy(body)).status).toBe(202);
  });

  it('keeps its vCenter, its key and its environment from being deleted', async () => {
    const made = await own.admin.send('POST', 'environments', { body: { name: 'Production' } });
    const environmentId = (made.body as { id: string }).id;
    const body = { ...input(), environmentId };
    const { id: runId } = acceptedIn([await deploy(body)]);
    const hostId = await becomeHost(runId, body);
    const parts = [
      `vcenters/${needed.vcenterId}`,
      `credentials/${needed.credentialId}`,
      `environments/${environmentId}`,
    ];
    for (const part of parts) {
      const refused = problemIn(await own.admin.send('DELETE', part));
      expect(refused).toMatchObject({ status: 409, code: 'still-in-use' });
    }
    await own.admin.send('DELETE', `hosts/${hostId}`);
    expect((await own.admin.send('DELETE', `environments/${environmentId}`)).status).toBe(204);
  });
});

/** What a worker leaves when a run has made its machine. */
async function becomeHost(runId: string, { hostname, network, environmentId }: DeploymentInput) {
  const hostId = randomUUID();
  await withDatabase(own.databaseUrl, async (database) => {
    await database.query(
      `INSERT INTO host (id, name, address, ssh_port, os_family, host_key, credential_id,
         environment_id, vcenter_id, vm_mo_ref, vm_instance_uuid, created_by_run)
       VALUES ($1, $2, $3, 22, 'debian', 'ssh-ed25519 AAAA', $4, $5, $6, 'vm-1', $7, $7)`,
      [
        ...[hostId, hostname, network.address, needed.credentialId],
        ...[environmentId ?? null, needed.vcenterId, runId],
      ],
    );
    await database.query('UPDATE reservation SET host_id = $2 WHERE run_id = $1', [runId, hostId]);
    await database.query(`UPDATE run SET status = 'success' WHERE id = $1`, [runId]);
  });
  return hostId;
}
