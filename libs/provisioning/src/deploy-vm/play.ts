import { guestOf } from '@diaken/contracts';
import { isInterruption, type StepContext } from '@diaken/pipeline';
import type {
  PlaybookSource,
  PlayHost,
  PlayListener,
  PlayPlace,
  PlayPosition,
  PlayResult,
} from '../ports/ansible';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import type { LoginFacts } from './facts';

/** A version of a playbook, and the commit of its project, where it has one. */
export interface PlaybookRevision {
  readonly version: number;
  readonly commit?: string;
}

/** What a step noted of one of its plays. */
interface PlayRecord {
  /** Counts executions: a resumed run plays a failed playbook anew. */
  readonly execution: number;
  /** Where the execution was begun. Noted before it is, for nobody elsewhere can see or end it. */
  readonly place?: PlayPlace;
  /** The playbook's name, for who must not read it any more. */
  readonly playbook?: string;
  /** Which version of the playbook the execution was begun with. */
  readonly version?: number;
  /** Which commit of its project, where it has one. */
  readonly commit?: string;
  /** How far its output is in the run's log. */
  readonly position?: PlayPosition;
  readonly ended?: 'ok' | 'failed';
  /**
   * A worker elsewhere failed the run, because it could not see what became of the execution. Whoever resumes the run
   * allows to play it anew elsewhere; at its own place it is still attached to.
   */
  readonly isGivenUp?: boolean;
}

/** What a step that plays notes, by the play's name. */
export interface PlayNotes {
  readonly plays: Readonly<Record<string, PlayRecord>>;
}

/** Names a play within a run. */
export interface PlayName {
  readonly step: string;
  /** Within its step. */
  readonly name: string;
}

/** A playbook, and how a step runs it. */
export interface Play extends PlayName {
  readonly playbook: PlaybookSource;
  /** What a playbook of the library is at. */
  readonly revision?: PlaybookRevision;
  readonly extraVars: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds: number;
  /**
   * Whether it does no harm to play it twice. Such a play fails for now only when its execution was lost or did not
   * reach the machine, so that the step's `retry` plays it anew; any other is played anew by a resumed run only.
   */
  readonly repeatable: boolean;
  /** Fraction of the play's tasks done, 0 to 1, and the task that runs now. */
  readonly onProgress: (fraction: number, task: string) => void;
}

type At = StepContext<PlayNotes>;

/**
 * Runs a playbook on the run's machine once, attaching to it after a crash, and stores what it did there.
 * Throws `playbook-interrupted` when it was begun at another place: it may still run there.
 */
export async function playOnMachine(
  tools: ProvisioningTools,
  facts: LoginFacts,
  play: Play,
  at: At,
): Promise<void> {
  if (nameOfPlayed(play, at) !== undefined) {
    return forgetPlayed(tools, play, at);
  }
  const { ansible } = tools;
  const record = await executionOf(tools, play, at);
  const key = keyOf(play, record.execution, at);
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
    await storeResult(tools, result, play, at);
    await at.note(withRecord(at, play, { ...ending(record), ended: 'ok' }));
  } catch (error) {
    if (!isOver(error)) {
      throw error;
    }
    await at.note(withRecord(at, play, { ...ending(record), ended: 'failed' }));
    await ansible.discard(key);
    throw play.repeatable ? forNow(error) : error;
  }
  await ansible.discard(key);
}

/** The name of the playbook when the play has ended well; undefined when it has not. */
export function nameOfPlayed({ name }: PlayName, { notes }: At): string | undefined {
  const record = notes.plays?.[name];
  return record?.ended === 'ok' ? (record.playbook ?? name) : undefined;
}

/** Says that a play has ended well, and forgets its execution, which a worker that died may have kept. */
export async function forgetPlayed(
  { ansible }: ProvisioningTools,
  play: PlayName,
  at: At,
): Promise<void> {
  const { execution = 1 } = at.notes.plays?.[play.name] ?? {};
  at.log(`${nameOfPlayed(play, at) ?? play.name} has run already.`);
  await ansible.discard(keyOf(play, execution, at));
}

/**
 * Ends what a step left running, except for the named plays: nothing may act on a machine that goes away, nor what is
 * not chosen any more beside what is.
 */
export async function discardPlays(
  { ansible }: ProvisioningTools,
  step: string,
  at: At,
  except: readonly string[] = [],
): Promise<void> {
  const plays = Object.entries(at.notes.plays ?? {}).filter(([name]) => !except.includes(name));
  for (const [name, record] of plays) {
    await discardBefore(record.execution + 1, { ansible }, { step, name }, at);
    if (mayRunElsewhere(record, await ansible.place())) {
      at.log(
        `${record.playbook ?? name} was begun by a worker on ${record.place?.name}, which alone can end it. It may run there until it no longer reaches the machine.`,
      );
    }
  }
}

/** The execution to attach to, or a new one, noted before it begins. Of those before it, none goes on at this place. */
async function executionOf(
  { ansible }: ProvisioningTools,
  play: Play,
  at: At,
): Promise<PlayRecord> {
  const here = await ansible.place();
  giveUpElsewhere(here, at);
  const last = at.notes.plays?.[play.name];
  if (last && !last.ended && !mayRunElsewhere(last, here)) {
    const record = { ...last, isGivenUp: false };
    await (last.isGivenUp && at.note(withRecord(at, play, record)));
    return record;
  }
  const record = {
    execution: (last?.execution ?? 0) + 1,
    place: here,
    playbook: play.playbook.name,
    ...play.revision,
  };
  await discardBefore(record.execution, { ansible }, play, at);
  if (last) {
    at.log(`${record.playbook} is played from its beginning, execution ${record.execution}.`);
  }
  await at.note(withRecord(at, play, record));
  return record;
}

/** Throws when a play of this step may run at another place and nobody has resumed the run since that was said. */
function giveUpElsewhere(here: PlayPlace, at: At): void {
  for (const [name, record] of Object.entries(at.notes.plays ?? {})) {
    if (mayRunElsewhere(record, here) && !record.isGivenUp) {
      at.signal.throwIfAborted();
      // Stored with the line that says so. Were it stored before, a crash in between would look like a resumed run.
      at.checkpoint(withRecord(at, { name }, { ...record, isGivenUp: true }));
      throw outOfSight(record.playbook ?? name, record.place?.name ?? '', here);
    }
  }
}

function mayRunElsewhere({ ended, place }: PlayRecord, here: PlayPlace): boolean {
  return ended === undefined && place !== undefined && place.id !== here.id;
}

async function discardBefore(
  execution: number,
  { ansible }: Pick<ProvisioningTools, 'ansible'>,
  play: PlayName,
  at: At,
): Promise<void> {
  for (let earlier = 1; earlier < execution; earlier++) {
    await ansible.discard(keyOf(play, earlier, at));
  }
}

/** Whether the play has ended for good, so that another attempt plays anew. Otherwise it can be attached to. */
function isOver(error: unknown): boolean {
  return error instanceof ProvisioningFailure || isInterruption(error, 'cancelled', 'timed-out');
}

/** A failure of a repeatable play: transient when nobody knows what the execution did. */
function forNow(error: unknown): unknown {
  const isLost =
    error instanceof ProvisioningFailure &&
    (error.code === 'playbook-interrupted' || error.code === 'worker-disk-full');
  if (!isLost) {
    return error;
  }
  const { code, message: cause, remedy } = error;
  return new ProvisioningFailure({ code, cause, remedy, transient: true }, { cause: error });
}

function outOfSight(playbook: string, there: string, here: PlayPlace): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'playbook-interrupted',
    cause: `The playbook ${playbook} was begun by a worker on ${there}. This worker, on ${here.name}, does not see that worker’s files, so the playbook may still run there.`,
    remedy: `Start a worker on ${there} and resume the run: that worker takes the playbook up where it is. Any other worker that gets the resumed run plays the playbook anew, so see first that it no longer runs, and what it did.`,
  });
}

function keyOf({ step, name }: PlayName, execution: number, { runId }: At): string {
  return `${runId}.${step}.${name}.${execution}`;
}

function withRecord(
  { notes }: At,
  { name }: Pick<PlayName, 'name'>,
  record: PlayRecord,
): PlayNotes {
  return { plays: { ...notes.plays, [name]: record } };
}

/** What stays of a record whose execution has ended. */
function ending({ ended: _ended, position: _position, isGivenUp: _, ...record }: PlayRecord) {
  return record;
}

function listenerOf(play: Play, record: PlayRecord, at: At): PlayListener {
  return {
    line: (text) => at.log(text),
    progress: play.onProgress,
    position: (position) => at.checkpoint(withRecord(at, play, { ...record, position })),
  };
}

function hostOf(facts: LoginFacts): PlayHost {
  const { hostname, reachableAt, sshPort, hostKey, credentialId } = facts;
  const { interpreter } = guestOf(facts);
  return {
    ...{ name: hostname, address: reachableAt, port: sshPort, hostKey, credentialId },
    ...(interpreter !== null && { interpreter }),
  };
}

async function storeResult(
  { results }: ProvisioningTools,
  { hosts }: PlayResult,
  { step, playbook, repeatable }: Play,
  { runId }: At,
): Promise<void> {
  await results.store(
    runId,
    hosts.map((host) => ({ ...host, step, playbook: playbook.name })),
  );
  const failed = hosts.find((host) => host.failed > 0);
  const bad = failed ?? hosts.find((host) => host.unreachable > 0);
  if (!bad) {
    return;
  }
  const { task = 'an unnamed task', message = 'no message' } = bad.firstError ?? {};
  const what = failed ? 'failed on' : 'could not reach';
  const remedy = failed
    ? 'Read the log, mend the playbook or the guest, and resume the run.'
    : 'See that the machine runs and that the worker reaches it over SSH, and resume the run.';
  throw new ProvisioningFailure({
    code: 'playbook-failed',
    cause: `The playbook ${playbook.name} ${what} ${bad.host} in "${task}": ${message}`,
    remedy,
    transient: repeatable && !failed,
  });
}
