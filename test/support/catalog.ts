import { readFile } from 'node:fs/promises';
import type { DeploymentInput } from '@diaken/contracts';
import { type Needed, machineInput } from './machines';
import { type OwnApi, withDatabase } from './own-api';
import type { SharedSystem } from './shared-system';

/** Stores in an API of its own what every machine needs: the lab's vCenter with its inventory, and a key. */
export async function copyCatalog(system: SharedSystem, own: OwnApi): Promise<Needed> {
  const { url, username, password } = system.lab;
  const vcenter = await own.admin.send('POST', 'vcenters', {
    body: { name: 'Lab', url, username, password, tls: { mode: 'insecure' } },
  });
  const credential = await own.admin.send('POST', 'credentials', {
    body: {
      name: 'Guests',
      kind: 'ssh-key',
      username: 'root',
      privateKey: await readFile(system.keyFile, 'utf8'),
    },
  });
  const needed = { vcenterId: idIn(vcenter.body), credentialId: idIn(credential.body) };
  const objects = await withDatabase(system.databaseUrl, (database) =>
    database.query('SELECT to_jsonb(o) AS object FROM inventory_object o WHERE vcenter_id = $1', [
      system.needed.vcenterId,
    ]),
  );
  await withDatabase(own.databaseUrl, async (database) => {
    await database.query(
      `INSERT INTO inventory_object
       SELECT (jsonb_populate_record(NULL::inventory_object, object || jsonb_build_object('vcenter_id', $2::uuid))).*
       FROM jsonb_array_elements($1) AS object`,
      [JSON.stringify(objects.rows.map(({ object }) => object)), needed.vcenterId],
    );
    await database.query('UPDATE vcenter SET synced_at = now()');
    // Its sync, which nobody will work on.
    await database.query('DELETE FROM run');
  });
  return needed;
}

/** A valid request for a machine whose run nobody works on; each number has its own name and address. */
export function pendingInput(needed: Needed, number: number): DeploymentInput {
  const address = `10.60.${Math.floor(number / 200)}.${(number % 200) + 10}`;
  return machineInput(
    needed,
    { sshPort: 22 },
    {
      hostname: `api-${number}`,
      network: { address, cidr: '10.60.0.0/16', gateway: '10.60.0.1', dns: ['10.60.0.2'] },
    },
  );
}

function idIn(body: unknown): string {
  if (typeof body === 'object' && body !== null && 'id' in body && typeof body.id === 'string') {
    return body.id;
  }
  throw new Error(`No id in ${JSON.stringify(body)}`);
}
