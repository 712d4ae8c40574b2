import type { LimitView } from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { rowsOf } from '../runs/transaction';

/** What a run competes for at a vCenter. */
export const vcenterLimit = (vcenterId: string) => `vcenter:${vcenterId}`;

/** What runs from templates that boot on this address compete for: one machine has it at a time. */
export const stagingAddressLimit = (address: string) => `staging-address:${address}`;

/** What a run competes for that does something to a host: one at a time does. */
export const hostLimit = (hostId: string) => `host:${hostId}`;

/** Runs that one vCenter takes at once where nobody has said otherwise; vCenter itself queues beyond some hundred. */
const RUNS_PER_VCENTER = 50;

/** A template's staging address is one machine's at a time, and a host is one run's. */
const DEFAULT_OF = `CASE WHEN name LIKE 'staging-address:%' OR name LIKE 'host:%' THEN 1 ELSE ${RUNS_PER_VCENTER} END`;

/** Every limit that is used or set, with the runs that are at work below it. */
const LIMITS = `
  SELECT name, coalesce(run_limit.runs, ${DEFAULT_OF})::int AS "limit", coalesce(busy.runs, 0)::int AS active
  FROM (
    SELECT name, count(*) AS runs FROM run, unnest(limits) AS name
    WHERE lease_owner IS NOT NULL AND lease_until > now() AND status NOT IN ('cancelling', 'rolling_back')
    GROUP BY name
  ) AS busy FULL JOIN run_limit USING (name)`;

/** Names of the limits that are reached. */
export const FULL_LIMITS = `SELECT name FROM (${LIMITS}) AS used WHERE active >= "limit"`;

/** Reads every limit with a name that people know. */
export async function readLimits(database: DataSource): Promise<readonly LimitView[]> {
  return rowsOf<LimitView>(
    database,
    `SELECT used.name, used."limit", used.active,
       coalesce('vCenter ' || vcenter.name, 'host ' || host.name, replace(used.name, ':', ' ')) AS label
     FROM (
       SELECT name, "limit", active FROM (${LIMITS}) AS known
       UNION
       SELECT 'vcenter:' || id, ${RUNS_PER_VCENTER}, 0 FROM vcenter
       WHERE NOT EXISTS (SELECT FROM (${LIMITS}) AS known WHERE known.name = 'vcenter:' || vcenter.id)
     ) AS used
     LEFT JOIN vcenter ON used.name = 'vcenter:' || vcenter.id
     LEFT JOIN host ON used.name = 'host:' || host.id
     ORDER BY label`,
    [],
  );
}
