import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/system';
import { type Campaign, startCampaign } from './campaign';
import { KILL_POINTS, type KillPoint } from './kill-points';
import { killAt, type KilledRun } from './killed-run';
import { faultRounds, itFully } from './rounds';
import { killLine, killTable, runLine } from './table';
import { type CountedMachine, touched } from './vcenter-census';

const MINUTE = 60_000;
/** Runs at a time, each with a worker of its own: more would only wait for this machine's processors. */
const LANES = 2;
/** What proves that nothing was lost, and nothing done twice. */
const ONCE = { machines: 1, mostPlays: 1, ranInGuest: 1, flaws: [] };
/** What a run may take from the takeover to its end, s. Only the full form asserts on it. */
const ENDED_WITHIN = 30;

const rounds = faultRounds();
const points = rounds > 0 ? KILL_POINTS : KILL_POINTS.filter(({ isShort }) => isShort);
const kills = Array.from({ length: Math.max(1, rounds) }, () => points).flat();

describe(`a deployment whose worker is killed (${kills.length} times)`, () => {
  let campaign: Campaign;
  let census: readonly CountedMachine[] = [];
  const runs: KilledRun[] = [];

  beforeAll(
    async () => {
      campaign = await startCampaign(LANES);
      await Promise.all(Array.from({ length: LANES }, () => lane()));
      census = await campaign.census.take();
      await tell();
    },
    (5 + kills.length) * MINUTE,
  );
  afterAll(() => campaign?.stop());

  let next = 0;
  async function lane(): Promise<void> {
    for (let point = kills[next++]; point; point = kills[next++]) {
      const run = await killAt(campaign, point, next);
      runs.push(run);
      if (rounds > 0) {
        process.stdout.write(`${runs.length}/${kills.length} ${runLine(run)}\n`);
      }
    }
  }

  async function tell(): Promise<void> {
    const touchedMachines = touched(campaign.foreign, census).length;
    const load = loadavg().map((average) => average.toFixed(1));
    const machine = `${availableParallelism()} processors, load average ${load.join(', ')}.`;
    const result = `${killLine(runs, touchedMachines)} ${machine}`;
    const text = `${killTable(points, runs)}\n\n${result}\n`;
    process.stdout.write(`\n${text}\n`);
    const folder = join(ROOT, 'dist/test-results');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'kills.md'), text);
  }

  const evidenceAt = (point: KillPoint) => runs.filter((run) => run.point === point);

  it.each(points)('$step: $moment', (point) => {
    const killed = evidenceAt(point);
    expect(killed).toHaveLength(Math.max(1, rounds));
    for (const { evidence, error } of killed) {
      expect(error).toBeUndefined();
      // A failure with a reason would be allowed, but a kill alone is none.
      expect(evidence).toMatchObject({ status: 'success', failure: null, ...ONCE });
    }
  });

  it('touches no machine of somebody else, and leaves none that is nobody’s', () => {
    expect(campaign.foreign.length).toBeGreaterThan(0);
    expect(touched(campaign.foreign, census)).toEqual([]);
    const own = runs.map(({ evidence }) => evidence?.runId);
    const foreign = new Set(campaign.foreign.map(({ moRef }) => moRef));
    const made = census.filter(({ moRef }) => !foreign.has(moRef));
    expect(made.map(({ instanceUuid }) => instanceUuid).sort()).toEqual(own.sort());
  });

  itFully(`ends every run within ${ENDED_WITHIN} s of the takeover`, () => {
    const late = runs.filter(({ evidence }) => (evidence?.endedAfter ?? 0) > ENDED_WITHIN);
    expect(late.map(({ point, evidence }) => ({ ...point, ...evidence }))).toEqual([]);
  });
});
