import { LogPage, type RunFailure, type RunStatus } from '@diaken/contracts';
import { onGuest } from '../support/machines';
import { type Campaign, COUNTED_FILE } from './campaign';
import type { Victim } from './kill-points';

/** What is found of a run whose worker was killed, in vCenter, in the guest, and in the tables. */
export interface Evidence {
  readonly runId: string;
  readonly status: RunStatus;
  readonly failure: RunFailure | null;
  /** From the kill until another worker had the run, s. */
  readonly takenOverAfter: number;
  /** From then until the run ended, s. */
  readonly endedAfter: number;
  /** Machines in vCenter with the run's id or its machine's name. */
  readonly machines: number;
  /** How often Ansible was started for a playbook, the one that was started most. */
  readonly mostPlays: number;
  /** How often the test's playbook ran in the guest, by the guest's own file. */
  readonly ranInGuest: number;
  /** What else is not as it must be. */
  readonly flaws: readonly string[];
}

/** Collects it once the run has ended. */
export async function evidenceOf(
  campaign: Campaign,
  victim: Victim,
  killedAt: number,
): Promise<Evidence> {
  const { runId } = victim;
  const { rows, plays, census } = campaign;
  const { status, failure } = await rows.run(runId);
  const [claims, ends] = await Promise.all([rows.claims(runId), rows.ends(runId)]);
  const takenAt = claims.find((at) => at >= killedAt) ?? killedAt;
  const endedAt = ends[0] ?? Number.NaN;
  const machines = (await census.take()).filter(
    ({ name, instanceUuid }) => instanceUuid === runId || name === victim.hostname,
  );
  const starts = ['configure-guest', 'run-playbooks'].map((step) => plays.startsOf(runId, step));
  return {
    runId,
    status,
    failure,
    takenOverAfter: (takenAt - killedAt) / 1_000,
    endedAfter: (endedAt - takenAt) / 1_000,
    machines: machines.length,
    mostPlays: Math.max(...(await Promise.all(starts))),
    ranInGuest: await linesInGuest(campaign, victim),
    flaws: [
      ...(ends.length === 1 ? [] : [`it ended ${ends.length} times`]),
      ...flawsOfFailure(status, failure),
      ...(await flawsOfBelongings(campaign, runId, status)),
      ...(await flawsOfLog(campaign, runId, status)),
    ],
  };
}

/** 0 where there is no guest, or no such file. */
async function linesInGuest({ system }: Campaign, { address }: Victim): Promise<number> {
  const counted = `if test -e ${COUNTED_FILE}; then wc -l <${COUNTED_FILE}; else echo 0; fi`;
  const said = await onGuest(system, address, counted).catch(() => '0');
  return Number(said);
}

function flawsOfFailure(status: RunStatus, failure: RunFailure | null): readonly string[] {
  const isExplained = Boolean(failure?.code && failure.message && failure.remedy);
  return isExplained === (status === 'failed')
    ? []
    : [`${status} with the failure ${failure?.code}`];
}

async function flawsOfBelongings(
  { rows }: Campaign,
  runId: string,
  status: RunStatus,
): Promise<readonly string[]> {
  const { hosts, reservations } = await rows.belongings(runId);
  const isRight = status === 'success' ? hosts === 1 && reservations === 2 : hosts <= 1;
  return isRight ? [] : [`${hosts} hosts with ${reservations} names and addresses`];
}

/** Lines without gaps, and no line of a playbook twice. */
async function flawsOfLog(
  { system }: Campaign,
  runId: string,
  status: RunStatus,
): Promise<readonly string[]> {
  const { items, total } = await system.client.get(`runs/${runId}/log?limit=5000`, LogPage);
  const isWhole = items.length === total && items.every(({ line }, at) => line === at + 1);
  const headers = items
    .filter(({ text }) => /(TASK|PLAY) \[/.test(text))
    .map(({ step, text }) => `${step}: ${text}`);
  const twice = headers.filter((header, at) => headers.indexOf(header) !== at);
  const recaps = items.filter(({ text }) => text.includes('PLAY RECAP')).length;
  const isPlayed = status !== 'success' || recaps === 2;
  return [
    ...(isWhole ? [] : [`its log has ${items.length} of ${total} lines, or not in order`]),
    ...(twice.length === 0 ? [] : [`in its log twice: ${twice.join('; ')}`]),
    ...(isPlayed ? [] : [`its log tells of ${recaps} playbooks`]),
  ];
}
