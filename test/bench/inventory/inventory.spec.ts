import { RestClient } from '@diaken/client';
import { ApiTokenCreated, PlacementChoices } from '@diaken/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN } from '../../support/system';
import { type BenchServers, startBenchServers } from '../bench-servers';
import { CHOICES } from '../bounds';
import { machineLine, machineNow, table, writeFigures } from '../report/markdown';
import { type Spread, spreadOf, timesOf } from '../measure/spread';
import { LARGE, storeLargeInventory } from './large-inventory';

const figures: Record<string, Spread> = {};
const machine = machineNow();
let servers: BenchServers;
let client: RestClient;
let ask: (path: string) => Promise<Response>;
let vcenterId: string;

beforeAll(async () => {
  servers = await startBenchServers();
  const { origin } = await servers.startApi();
  client = new RestClient(origin);
  await client.signIn(ADMIN.username, ADMIN.password);
  vcenterId = await storeLargeInventory(servers.databaseUrl);
  const { token } = await client.post('tokens', { name: 'bench' }, ApiTokenCreated);
  const headers = { Authorization: `Bearer ${token}` };
  ask = (path) => fetch(`${origin}/api/v1/vcenters/${vcenterId}/${path}`, { headers });
});

afterAll(async () => {
  const rows = Object.entries(figures).map(([path, { p50, p95, p99 }]) => [
    ...[path, p50.toFixed(1), p95.toFixed(1), p99.toFixed(1)],
  ]);
  const head = ['GET /vcenters/:id/…', 'p50 ms', 'p95 ms', 'p99 ms'];
  process.stdout.write(`\n${machineLine(machine)}\n\n${table(head, rows)}\n`);
  await writeFigures('inventory', { machine, figures });
  await servers?.stop();
});

async function measure(path: string): Promise<Spread> {
  const once = async () => {
    const answer = await ask(path);
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  };
  await timesOf(CHOICES.warmUp, once);
  const spread = spreadOf(await timesOf(CHOICES.requests, once));
  figures[path] = spread;
  return spread;
}

describe(`a vCenter with ${LARGE.machines} machines`, () => {
  it.each(['choices', 'choices?datacenter=dc1', 'choices?cluster=domain-c7'])(
    'answers %s in time',
    async (path) => {
      expect((await measure(path)).p95, 'p95, ms').toBeLessThan(CHOICES.p95Ms);
    },
  );

  it.each(['inventory?kind=vm&name=vm%204711', 'inventory?changedSince=1'])(
    'answers %s, too',
    async (path) => {
      await measure(path);
    },
  );

  it('offers what the hosts of a cluster reach', async () => {
    const path = `vcenters/${vcenterId}/choices?cluster=domain-c7`;
    const { datastores, networks } = await client.get(path, PlacementChoices);
    expect(datastores).toHaveLength(LARGE.datastores);
    expect(networks).toHaveLength(LARGE.networks);
    expect(networks[0]?.hosts).toBe(LARGE.hostsPerCluster);
  });
});
