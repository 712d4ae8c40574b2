import { Client } from 'pg';
import { withDatabase } from '../support/own-api';
import type { Stop } from './stop';

/** First half of the advisory locks that are waited for; no part of Diaken takes locks of two numbers. */
const LOCKS = 7_704;

/**
 * What a worker is about to write: that a step has begun, or has ended well; the results of its playbook, or the note
 * that the playbook has ended; a reservation, a host; the end of the run.
 */
export type Writing =
  | `${string} running`
  | `${string} success`
  | `${string} results`
  | `${string} played`
  | 'reservation'
  | 'host'
  | 'run success';

/** The first argument names the column with the run's id; the others make the writing: columns, or words. */
const INSTALL = `
  CREATE TABLE fault_stop (lock int PRIMARY KEY, target text NOT NULL, writing text NOT NULL);
  CREATE FUNCTION fault_stop() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    written jsonb := to_jsonb(NEW);
    about text := (SELECT string_agg(coalesce(written ->> word, word), ' ' ORDER BY place)
      FROM unnest(TG_ARGV) WITH ORDINALITY AS given(word, place) WHERE place > 1);
  BEGIN
    PERFORM pg_advisory_xact_lock(${LOCKS}, lock) FROM fault_stop JOIN run USING (target)
    WHERE run.id = (written ->> TG_ARGV[0])::uuid AND writing = about;
    RETURN NEW;
  END $$;
  CREATE TRIGGER fault_stop_step BEFORE UPDATE ON run_step FOR EACH ROW
    WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION fault_stop('run_id', 'name', 'status');
  CREATE TRIGGER fault_stop_played BEFORE UPDATE ON run_step FOR EACH ROW
    WHEN (NEW.notes <> OLD.notes AND jsonb_path_exists(NEW.notes, '$.plays.*.ended'))
    EXECUTE FUNCTION fault_stop('run_id', 'name', 'played');
  CREATE TRIGGER fault_stop_results BEFORE INSERT ON host_result FOR EACH ROW
    EXECUTE FUNCTION fault_stop('run_id', 'step', 'results');
  CREATE TRIGGER fault_stop_reservation BEFORE INSERT ON reservation FOR EACH ROW
    EXECUTE FUNCTION fault_stop('run_id', 'reservation');
  CREATE TRIGGER fault_stop_host BEFORE INSERT ON host FOR EACH ROW
    EXECUTE FUNCTION fault_stop('created_by_run', 'host');
  CREATE TRIGGER fault_stop_run BEFORE UPDATE ON run FOR EACH ROW
    WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION fault_stop('id', 'run', 'status')`;

/**
 * Stops workers in PostgreSQL, as the lab's rules hold calls: the transaction that is about to write something waits.
 * What a worker that is killed there was about to write is never written.
 */
export class DatabaseStops {
  private lastLock = 0;

  private constructor(private readonly databaseUrl: string) {}

  /** Puts the triggers that stop into the database of a test. */
  static async install(databaseUrl: string): Promise<DatabaseStops> {
    await withDatabase(databaseUrl, (client) => client.query(INSTALL));
    return new DatabaseStops(databaseUrl);
  }

  /** Stops whoever is about to write this for a machine's run. */
  async before(writing: Writing, hostname: string): Promise<Stop> {
    const lock = ++this.lastLock;
    const client = new Client({ connectionString: this.databaseUrl });
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1, $2)', [LOCKS, lock]);
    await client.query('INSERT INTO fault_stop VALUES ($1, $2, $3)', [lock, hostname, writing]);
    let letGo: Promise<void> | undefined;
    return {
      isReached: () => isWaitedFor(client, lock),
      letGo: () => (letGo ??= remove(client, lock)),
    };
  }
}

async function isWaitedFor(client: Client, lock: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = $2 AND NOT granted`,
    [LOCKS, lock],
  );
  return rowCount !== 0;
}

/** The lock goes with its connection. */
async function remove(client: Client, lock: number): Promise<void> {
  await client.query('DELETE FROM fault_stop WHERE lock = $1', [lock]);
  await client.end();
}
