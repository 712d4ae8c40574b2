import { randomUUID } from 'node:crypto';
import { withDatabase } from '../../support/own-api';

/** What a large vCenter has. */
export const LARGE = {
  ...{ machines: 10_000, clusters: 20, hostsPerCluster: 10 },
  ...{ datastores: 60, networks: 300, templates: 60, folders: 200 },
} as const;

/** $1: the vCenter; each statement makes objects of one kind. */
const OBJECTS = [
  object('Datacenter', 'datacenter', 'dc', 1, `'{}'`),
  object('ClusterComputeResource', 'cluster', 'domain-c', LARGE.clusters, `'{}'`),
  object(
    ...(['ResourcePool', 'resource-pool', 'resgroup-', LARGE.clusters] as const),
    `jsonb_build_object('root', true, 'owner', 'domain-c' || n)`,
  ),
  object('Folder', 'folder', 'group-v', LARGE.folders, `jsonb_build_object('root', n = 1)`),
  object(
    ...(['Datastore', 'datastore', 'datastore-', LARGE.datastores] as const),
    `jsonb_build_object('accessible', true, 'capacityBytes', 1099511627776, 'freeBytes', n * 1073741824::bigint)`,
  ),
  object(
    ...(['DistributedVirtualPortgroup', 'network', 'dvportgroup-', LARGE.networks] as const),
    `'{"distributed": true}'`,
  ),
  object(
    ...(['HostSystem', 'host', 'host-', LARGE.clusters * LARGE.hostsPerCluster] as const),
    `jsonb_build_object('connected', true, 'inMaintenance', false, 'version', 'VMware ESXi 8.0.3',
      'datastores', (SELECT jsonb_agg('datastore-' || d) FROM generate_series(1, ${LARGE.datastores}) d),
      'networks', (SELECT jsonb_agg('dvportgroup-' || d) FROM generate_series(1, ${LARGE.networks}) d))`,
    `'domain-c' || (n - 1) % ${LARGE.clusters} + 1`,
  ),
  object('VirtualMachine', 'template', 'vm-t', LARGE.templates, machine()),
  object('VirtualMachine', 'vm', 'vm-', LARGE.machines, machine()),
];

function object(
  ...[type, kind, ref, count, details, parent = `'group-v1'`]: readonly [
    ...[type: string, kind: string, ref: string, count: number, details: string],
    parent?: string,
  ]
): string {
  return `
    INSERT INTO inventory_object
      (vcenter_id, mo_type, mo_ref, kind, name, path, datacenter, parent, details, revision)
    SELECT $1, '${type}', '${ref}' || n, '${kind}', '${kind} ' || n, '/dc1/${kind} ' || n, 'dc1', ${parent},
      ${details}, 1
    FROM generate_series(1, ${count}) AS n`;
}

function machine(): string {
  return `jsonb_build_object('instanceUuid', gen_random_uuid(), 'biosUuid', gen_random_uuid(), 'power', 'on',
    'guestFullName', 'Debian GNU/Linux 12 (64-bit)', 'cpus', 2, 'memoryMb', 4096, 'diskBytes', 17179869184,
    'addresses', jsonb_build_array('10.0.' || n / 250 || '.' || n % 250), 'toolsRunning', true,
    'macs', jsonb_build_array('00:50:56:00:' || lpad(to_hex(n / 256), 2, '0') || ':' || lpad(to_hex(n % 256), 2, '0')))`;
}

/** Puts a large vCenter into the tables, as if it had been read; answers its id. */
export function storeLargeInventory(databaseUrl: string): Promise<string> {
  const id = randomUUID();
  return withDatabase(databaseUrl, async (database) => {
    await database.query(
      `INSERT INTO vcenter (id, name, url, username, sealed_password, tls, synced_at)
       VALUES ($1, 'Large', 'https://127.0.0.1:1/sdk', '', '', '{"mode": "system"}', now())`,
      [id],
    );
    await database.query(
      'INSERT INTO inventory_state (vcenter_id, revision, confirmed_at) VALUES ($1, 1, now())',
      [id],
    );
    for (const statement of OBJECTS) await database.query(statement, [id]);
    await database.query('VACUUM ANALYZE inventory_object');
    return id;
  });
}
