import { connect } from 'node:net';
import { RunView } from '@diaken/contracts';
import type { LabRule } from '@diaken/lab';
import type { Client } from 'pg';
import { expect } from 'vitest';
import { type machineInput, storePlaybook } from '../support/machines';
import type { System } from '../support/system';
import { KINDS, plantHostname, playbookOf, processesAre } from './cancel-sleepers';
import type { Traced } from './cancel-traces';

/** Where runs are held. */
export interface Scene {
  readonly system: System;
  /** A connection of the test's own, which takes locks. */
  readonly database: Client;
}

/** A run that is to be held. */
export interface HeldRun extends Traced {
  readonly address: string;
}

/** What a request says beside name and address. */
export type Wishes = Partial<Omit<Parameters<typeof machineInput>[2], 'network'>> & {
  readonly network?: { readonly stagingPortGroup: string };
};

/** How a run is held in one step. */
export interface StepHold {
  /** What the request says beside name and address. */
  readonly asks?: (scene: Scene, marker: string) => Promise<Wishes>;
  /** Prepares it, before the run is asked for. */
  readonly before?: (scene: Scene) => Promise<void>;
  /** Resolves once the run is held in the step. */
  readonly until: (scene: Scene, run: HeldRun) => Promise<void>;
  /** Lets go of what also a cancelled step has to wait for. Called once the cancelling has been answered. */
  readonly after?: (scene: Scene) => Promise<void>;
}

/** How long a run may take to the step that it is held in, ms. */
const REACH_MS = 60_000;
const waiting = { timeout: REACH_MS, interval: 50 };
/** How long vCenter's tasks take, ms: the tests of the other steps last longer, so what comes late is seen. */
const TASK_MS = 25_000;
/** The request's first disk, GiB: larger than the template's, so that the hardware must be changed. */
const LARGER_DISK = { diskGb: 24 };
const STAGED = { network: { stagingPortGroup: 'DC0_DVPG1' } };
/** Any number that nobody else locks in the database. */
const LOCK = 77_093;

/** Lets no run past `wait-for-address`: vCenter refuses the question that only this step asks. */
const GATE: LabRule = {
  action: 'http',
  id: 'gate',
  method: 'RetrievePropertiesEx',
  contains: '<pathSet>guest.toolsRunningStatus</pathSet><pathSet>guest.net</pathSet>',
  status: 503,
};

/** Steps that only templates with a profile need; these runs skip them. */
export const OF_OTHER_GUESTS: readonly string[] = [
  'wait-for-port',
  'readdress-guest',
  'meet-at-address',
];

/** How a run is held, by step, in the order of the pipeline. */
export const HOLDS: Readonly<Record<string, StepHold>> = {
  preflight: {
    before: ({ system }) => system.lab.rules.add(heldCall('FindByUuid')),
    until: ({ system }) => callIsHeld(system),
  },
  'reserve-address': {
    before: ({ system }) => system.lab.rules.add(heldCall('FindByUuid')),
    until: async (scene, run) => {
      await callIsHeld(scene.system);
      await lockName(scene, run);
      await scene.system.lab.rules.release('held');
      await someoneWaitsForALock(scene);
    },
    after: unlock,
  },
  'clone-template': longTask('CloneVM_Task'),
  'configure-hardware': { ...longTask('ReconfigVM_Task'), asks: async () => LARGER_DISK },
  'customize-guest': longTask('CustomizeVM_Task'),
  'power-on': longTask('PowerOnVM_Task'),
  'wait-for-address': { before: closeGate, until: atGate },
  'wait-for-login': {
    before: closeGate,
    until: async (scene, run) => {
      await silenceGuest(scene, run);
      await openGate(scene);
      await stepRuns(scene, run, 'wait-for-login');
    },
  },
  'configure-guest': {
    before: closeGate,
    until: async (scene, run) => {
      await atGate(scene, run);
      await plantHostname(scene.system, run);
      await openGate(scene);
      await processesAre(run, ['foreground', 'background', 'detached']);
    },
  },
  'change-network': {
    asks: async () => STAGED,
    before: closeGate,
    until: async (scene, run) => {
      const { rules } = scene.system.lab;
      await atGate(scene, run);
      const before = await callsOf(scene.system, 'ReconfigVM_Task');
      await rules.add({ action: 'task-delay', method: 'ReconfigVM_Task', ms: TASK_MS });
      await openGate(scene);
      await expect
        .poll(() => callsOf(scene.system, 'ReconfigVM_Task'), waiting)
        .toBeGreaterThan(before);
    },
  },
  'verify-machine': {
    asks: async () => STAGED,
    before: closeGate,
    until: async (scene, run) => {
      const { rules, guests } = scene.system.lab;
      await atGate(scene, run);
      await rules.add(heldCall('ReconfigVM_Task'));
      await openGate(scene);
      await callIsHeld(scene.system);
      await guests.stop(run.hostname);
      await rules.release('held');
      await stepRuns(scene, run, 'verify-machine');
    },
  },
  'register-host': {
    before: closeGate,
    until: async (scene, run) => {
      await atGate(scene, run);
      await lockName(scene, run);
      await openGate(scene);
      await stepRuns(scene, run, 'register-host');
      await someoneWaitsForALock(scene);
    },
    after: unlock,
  },
  'run-playbooks': {
    asks: async ({ system }, marker) => ({
      playbookIds: [await storePlaybook(system.client, marker, playbookOf(marker))],
    }),
    until: (_scene, run) => processesAre(run, KINDS),
  },
  notify: {
    before: async ({ database }) => {
      await database.query(HOLD_NOTIFY);
      await database.query('SELECT pg_advisory_lock($1)', [LOCK]);
    },
    until: async (scene, run) => {
      await stepRuns(scene, run, 'notify');
      await someoneWaitsForALock(scene);
    },
    after: async ({ database }) => {
      await database.query('SELECT pg_advisory_unlock($1)', [LOCK]);
      await database.query('DROP FUNCTION hold_notify CASCADE');
    },
  },
};

function heldCall(method: string): LabRule {
  return { action: 'hold-before', id: 'held', method, count: 1, ms: REACH_MS };
}

function longTask(method: string): StepHold {
  return {
    before: ({ system }) => system.lab.rules.add({ action: 'task-delay', method, ms: TASK_MS }),
    until: async ({ system }) => {
      await expect.poll(() => callsOf(system, method), waiting).toBeGreaterThan(0);
    },
  };
}

async function callsOf({ lab }: System, method: string): Promise<number> {
  return (await lab.rules.calls())[method] ?? 0;
}

async function callIsHeld({ lab }: System): Promise<void> {
  await expect.poll(async () => (await lab.rules.held()).length, waiting).toBe(1);
}

async function stepRuns({ system }: Scene, { runId }: HeldRun, step: string): Promise<void> {
  const status = async () => {
    const { steps } = await system.client.get(`runs/${runId}`, RunView);
    return steps.find(({ name }) => name === step)?.status;
  };
  await expect.poll(status, waiting).toBe('running');
}

function closeGate({ system }: Scene): Promise<void> {
  return system.lab.rules.add(GATE);
}

/** Resolves once the run waits for the guest's address, and the guest's sshd answers. */
async function atGate(scene: Scene, run: HeldRun): Promise<void> {
  await stepRuns(scene, run, 'wait-for-address');
  await expect.poll(() => listens(run.address, scene.system.lab.sshPort), waiting).toBe(true);
}

function openGate({ system }: Scene): Promise<void> {
  return system.lab.rules.release('gate');
}

/** Stops the guest before anybody has logged in. */
async function silenceGuest(scene: Scene, run: HeldRun): Promise<void> {
  await atGate(scene, run);
  await scene.system.lab.guests.stop(run.hostname);
}

/** Locks the row that reserves the run's name. */
async function lockName({ database }: Scene, { hostname }: HeldRun): Promise<void> {
  await database.query('BEGIN');
  const name = "kind = 'hostname' AND value = $1";
  const locked = await database.query(`SELECT FROM reservation WHERE ${name} FOR UPDATE`, [
    hostname,
  ]);
  expect(locked.rowCount).toBe(1);
}

async function unlock({ database }: Scene): Promise<void> {
  await database.query('ROLLBACK');
}

/** Resolves once somebody waits for a row that is locked, or for `LOCK`. */
async function someoneWaitsForALock({ database }: Scene): Promise<void> {
  const waiters = async () => {
    const locks = `SELECT FROM pg_locks WHERE NOT granted AND (locktype = 'transactionid' OR objid = ${LOCK})`;
    return (await database.query(locks)).rowCount;
  };
  await expect.poll(waiters, waiting).toBe(1);
}

/**
 * The worker's next write waits once `notify`, which only writes a line to the worker's own log, has begun. Before each
 * statement, not before each row: the row of the run stays free for who cancels it.
 */
const HOLD_NOTIFY = `
  CREATE FUNCTION hold_notify() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF current_query() LIKE '%log_lines = log_lines +%'
      AND EXISTS (SELECT FROM run_step WHERE name = 'notify' AND status = 'running') THEN
      PERFORM pg_advisory_xact_lock(${LOCK});
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER hold_notify BEFORE UPDATE ON run
    FOR EACH STATEMENT EXECUTE FUNCTION hold_notify();`;

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
