import { type Holder, parseIpv4 } from '@diaken/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { hostHolder, runHolder } from '../machines/reservations';
import { rowsOf } from '../runs/transaction';

/** Addresses of a network that runs and hosts hold. Some of neighbouring networks may be among them. */
export async function heldAddresses(
  database: DataSource | EntityManager,
  cidr: string,
): Promise<ReadonlySet<number>> {
  const rows = await rowsOf<{ value: string }>(
    database,
    "SELECT value FROM reservation WHERE kind = 'address' AND starts_with(value, $1)",
    [addressPrefix(cidr)],
  );
  return new Set(rows.flatMap(({ value }) => parseIpv4(value) ?? []));
}

const HOLDERS = `
  SELECT value, host.id AS "hostId", host.name AS "hostName", run.id AS "runId", run.target AS "runTarget"
  FROM reservation
    LEFT JOIN host ON host.id = reservation.host_id
    LEFT JOIN run ON run.id = reservation.run_id
  WHERE reservation.kind = 'address' AND starts_with(value, $1)`;

interface HeldRow {
  readonly value: string;
  readonly hostId: string | null;
  readonly hostName: string | null;
  readonly runId: string | null;
  readonly runTarget: string | null;
}

/** The same, and who holds each of them. */
export async function addressHolders(
  database: DataSource,
  cidr: string,
): Promise<ReadonlyMap<number, Holder>> {
  const rows = await rowsOf<HeldRow>(database, HOLDERS, [addressPrefix(cidr)]);
  return new Map(
    rows.flatMap((row) => {
      const address = parseIpv4(row.value);
      const holder = holderIn(row);
      return address !== undefined && holder ? [[address, holder] as const] : [];
    }),
  );
}

function holderIn({ hostId, hostName, runId, runTarget }: HeldRow): Holder | undefined {
  if (hostId !== null) {
    return hostHolder({ id: hostId, name: hostName ?? '' });
  }
  return runId === null ? undefined : runHolder({ id: runId, target: runTarget ?? '' });
}

/** What every address of a network begins with: `10.1.` for 10.1.0.0/20. */
export function addressPrefix(cidr: string): string {
  const [base = '', prefix] = cidr.split('/');
  const octets = base.split('.').slice(0, Math.min(3, Math.floor(Number(prefix) / 8)));
  return octets.map((octet) => `${octet}.`).join('');
}
