import { isInterruption, type StepContext } from '@diaken/pipeline';
import type {
  PlaybookSource,
  PlayHost,
  PlayListener,
  PlayPosition,
  PlayResult,
} from '../ports/ansible';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import type { LoginFacts } from './facts';

/** What a step noted of one of its plays. */
interface PlayRecord {
  /** Counts executions: a resumed run plays a failed playbook anew. */
  readonly execution: number;
  /** How far its output is in the run's log. */
  readonly position?: PlayPosition;
  readonly ended?: 'ok' | 'failed';
}

/** What a step that plays notes, by the play's name. */
export interface PlayNotes {
  readonly plays: Readonly<Record<string, PlayRecord>>;
}

/** A playbook, and how a step runs it. */
export interface Play {
  readonly step: string;
  /** Names the play within its step. */
  readonly name: string;
  readonly playbook: PlaybookSource;
  readonly extraVars: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds: number;
  /** Fraction of the play's tasks done, 0 to 1, and the task that runs now. */
  readonly onProgress: (fraction: number, task: string) => void;
}

type At = StepContext<PlayNotes>;

/** Runs a playbook on the run's machine once, attaching to it after a crash, and stores what it did there. */
export async function playOnMachine(
  { ansible, results }: ProvisioningTools,
  facts: LoginFacts,
  play: Play,
  at: At,
): Promise<void> {
  const record = recordFor(play, at);
  const key = keyOf(play, record, at);
  if (record.ended === 'ok') {
    at.log(`${play.playbook.name} has run already.`);
    return ansible.discard(key);
  }
  await at.note(withRecord(at, play, record));
  try {
    const order = {
      key,
      playbook: play.playbook,
      hosts: [hostOf(facts)],
      extraVars: play.extraVars,
      timeoutSeconds: play.timeoutSeconds,
      ...(record.position && { from: record.position }),
    };
    const result = await ansible.play(order, listenerOf(play, record, at), at.signal);
    const rows = result.hosts.map((host) => ({
      ...host,
      step: play.step,
      playbook: play.playbook.name,
    }));
    await results.store(at.runId, rows);
    refuseFailures(play.playbook.name, result);
    await at.note(withRecord(at, play, { execution: record.execution, ended: 'ok' }));
  } catch (error) {
    if (!isOver(error)) {
      throw error;
    }
    await at.note(withRecord(at, play, { execution: record.execution, ended: 'failed' }));
    await ansible.discard(key);
    throw error;
  }
  await ansible.discard(key);
}

/** Ends what a worker that died left running, so that nothing acts on a machine that goes away. */
export async function discardPlays(
  { ansible }: ProvisioningTools,
  step: string,
  at: At,
): Promise<void> {
  for (const [name, record] of Object.entries(at.notes.plays ?? {})) {
    await ansible.discard(keyOf({ step, name }, record, at));
  }
}

/** Whether the play has ended for good, so that another attempt plays anew. Otherwise it can be attached to. */
function isOver(error: unknown): boolean {
  return error instanceof ProvisioningFailure || isInterruption(error, 'cancelled', 'timed-out');
}

function keyOf(
  { step, name }: Pick<Play, 'step' | 'name'>,
  { execution }: PlayRecord,
  { runId }: At,
): string {
  return `${runId}.${step}.${name}.${execution}`;
}

/** The execution to attach to, or a new one after a failed one. */
function recordFor({ name }: Play, { notes }: At): PlayRecord {
  const last = notes.plays?.[name];
  return last?.ended === 'failed' ? { execution: last.execution + 1 } : (last ?? { execution: 1 });
}

function withRecord({ notes }: At, { name }: Play, record: PlayRecord): PlayNotes {
  return { plays: { ...notes.plays, [name]: record } };
}

function listenerOf(play: Play, { execution }: PlayRecord, at: At): PlayListener {
  return {
    line: (text) => at.log(text),
    progress: play.onProgress,
    position: (position) => at.checkpoint(withRecord(at, play, { execution, position })),
  };
}

function hostOf({ hostname, reachableAt, sshPort, hostKey, credentialId }: LoginFacts): PlayHost {
  return { name: hostname, address: reachableAt, port: sshPort, hostKey, credentialId };
}

function refuseFailures(playbook: string, { hosts }: PlayResult): void {
  const bad = hosts.find(({ failed, unreachable }) => failed + unreachable > 0);
  if (!bad) {
    return;
  }
  const { task = 'an unnamed task', message = 'no message' } = bad.firstError ?? {};
  throw new ProvisioningFailure({
    code: 'playbook-failed',
    cause: `The playbook ${playbook} failed on ${bad.host} in "${task}": ${message}`,
    remedy:
      'Read the log, mend the playbook or the guest, and resume the run; the machine is kept.',
  });
}
