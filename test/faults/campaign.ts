import { join } from 'node:path';
import { deploy, machineInput, type Needed, registerLab, storePlaybook } from '../support/machines';
import { startSystem, type System } from '../support/system';
import { DatabaseStops } from './database-stops';
import { INTERRUPTED_TASKS } from './kill-points';
import { PlayCounter } from './play-counter';
import { RunRows } from './run-rows';
import { type CountedMachine, VCenterCensus } from './vcenter-census';
import { Workers } from './workers';

/** The file in each guest that gets a line whenever the test's playbook runs there. */
export const COUNTED_FILE = '/var/log/counted';

/** A playbook that leaves a line, and takes some time then. */
export const countedPlaybook = (seconds: number) => `---
- hosts: all
  gather_facts: false
  tasks:
    - name: Leave a line
      ansible.builtin.shell: echo once >> ${COUNTED_FILE}
    - name: ${INTERRUPTED_TASKS.own}
      ansible.builtin.command: sleep ${seconds}
    - name: Count the lines
      ansible.builtin.command: cat ${COUNTED_FILE}
`;

/** How long a task of vCenter takes, ms: long enough that whoever comes too early meets one that goes on. */
const TASK_MS = 500;

/** A system with workers to kill, and with what proves what they did. */
export interface Campaign {
  readonly system: System;
  readonly needed: Needed;
  readonly playbookId: string;
  readonly workers: Workers;
  readonly database: DatabaseStops;
  readonly rows: RunRows;
  readonly plays: PlayCounter;
  readonly census: VCenterCensus;
  /** The machines that are none of its runs' business. */
  readonly foreign: readonly CountedMachine[];
  stop(): Promise<void>;
}

/** Starts a system with some workers that have room for one run each. */
export async function startCampaign(workerCount: number): Promise<Campaign> {
  const system = await startSystem({ workers: 0, lab: { taskTimeMs: TASK_MS } });
  const rows = new RunRows(system.databaseUrl);
  const census = new VCenterCensus(system.lab);
  const stop = async () => {
    census.close();
    await rows.close();
    await system.stop();
  };
  try {
    const plays = await PlayCounter.make(join(system.folder, 'counted'));
    const workers = new Workers(system, plays.path);
    await workers.start(workerCount);
    const needed = await registerLab(system);
    const playbookId = await storePlaybook(system.client, 'Counted', countedPlaybook(2));
    const database = await DatabaseStops.install(system.databaseUrl);
    const foreign = await census.take();
    return { system, needed, playbookId, workers, database, rows, plays, census, foreign, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A machine that a test asks for. */
export interface Wish {
  readonly hostname: string;
  readonly address: string;
  readonly template?: string;
  readonly playbookIds?: readonly string[];
}

/** Asks for a machine that goes through every step; answers its run. */
export function askFor(
  { system, needed, playbookId }: Campaign,
  { hostname, address, template, playbookIds = [playbookId] }: Wish,
): Promise<string> {
  const network = { address, stagingPortGroup: 'DC0_DVPG1' };
  const more = { playbookIds: [...playbookIds], ...(template !== undefined && { template }) };
  return deploy(system.client, machineInput(needed, system.lab, { hostname, network, ...more }));
}
