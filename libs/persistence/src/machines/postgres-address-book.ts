import type { Holder } from '@diaken/contracts';
import { AddressBook, ProvisioningFailure } from '@diaken/provisioning';
import type { DataSource, EntityManager } from 'typeorm';
import { rowsOf } from '../runs/transaction';
import { holderOf } from './reservations';

/** Host names and addresses in PostgreSQL; a primary key makes each of them one holder's. */
export class PostgresAddressBook extends AddressBook {
  constructor(private readonly database: DataSource) {
    super();
  }

  override async hold(
    runId: string,
    hostname: string,
    address: string | null,
    extraAddresses: readonly string[] = [],
  ): Promise<void> {
    await this.database.transaction(async (manager) => {
      // As whoever asks for a machine: in one order, so that no two wait for each other.
      const addresses = [...(address === null ? [] : [address]), ...extraAddresses];
      for (const value of addresses.toSorted()) {
        await holdOne(manager, runId, { kind: 'address', value });
      }
      await holdOne(manager, runId, { kind: 'hostname', value: hostname });
    });
  }

  override holder(kind: 'hostname' | 'address', value: string): Promise<Holder | undefined> {
    return holderOf(this.database.manager, kind, value);
  }

  override async release(runId: string): Promise<void> {
    await this.database.query('DELETE FROM reservation WHERE run_id = $1 AND host_id IS NULL', [
      runId,
    ]);
  }
}

interface Wish {
  readonly kind: 'hostname' | 'address';
  readonly value: string;
}

async function holdOne(
  manager: EntityManager,
  runId: string,
  { kind, value }: Wish,
): Promise<void> {
  const [held] = await rowsOf<{ run_id: string | null }>(
    manager,
    `INSERT INTO reservation (kind, value, run_id) VALUES ($1, $2, $3)
     ON CONFLICT (kind, value) DO UPDATE SET kind = excluded.kind RETURNING run_id`,
    [kind, value, runId],
  );
  if (held?.run_id !== runId) {
    throw taken({ kind, value }, await holderOf(manager, kind, value));
  }
}

function taken({ kind, value }: Wish, by: Holder | undefined): ProvisioningFailure {
  const holder = by ? `the ${by.type} ${by.name} (${by.id})` : 'somebody else';
  return new ProvisioningFailure({
    code: kind === 'hostname' ? 'hostname-taken' : 'address-taken',
    cause: `${value} is held by ${holder}.`,
    remedy: 'Choose another one, or free it there first.',
  });
}
