import { stripVTControlCharacters } from 'node:util';
import { ProvisioningFailure, type FailureFacts, type PlayResult } from '@diaken/provisioning';
import { shorten } from './failure-text';
import type { PlayRecord } from './play-record';
import type { PlayExit } from './run-folder';
import { diskFull, FREE_SPACE } from './worker-disk';

/** Ansible's exit code when somebody interrupted it. */
const INTERRUPTED = 99;

/** All that is known of a play that has ended. */
export interface EndedPlay {
  readonly exit: PlayExit;
  readonly record: PlayRecord;
  /** The end of Ansible's own output. */
  readonly output: string;
  readonly hosts: readonly string[];
  /** Folder that runs are kept in. */
  readonly folder: string;
}

/** The result of a play, or throws the `ProvisioningFailure` that it ended with. */
export function endingOf(play: EndedPlay): PlayResult {
  const { exit, record, hosts } = play;
  if (exit.why !== 'exited') {
    throw new ProvisioningFailure(stopped(play));
  }
  if (exit.rc === null || exit.rc === INTERRUPTED) {
    throw interrupted(record, 'Ansible was ended from outside');
  }
  if (exit.eventsLost) {
    throw new ProvisioningFailure(unknown(play));
  }
  if (!record.isComplete) {
    throw incomplete(play);
  }
  if (!record.hasHosts) {
    throw new ProvisioningFailure(noHosts());
  }
  const results = record.results(hosts);
  if (exit.rc !== 0 && results.every(({ failed, unreachable }) => failed + unreachable === 0)) {
    throw new ProvisioningFailure(gaveUp(play));
  }
  return { hosts: results };
}

/** What a play whose supervisor is gone is reported as. */
export function interrupted(record: PlayRecord, what: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'playbook-interrupted',
    cause: `${what}; the playbook was interrupted ${whereabouts(record)}.`,
    remedy:
      'Look at the hosts: the task may have been done in part. Then resume the run, which plays the playbook anew.',
  });
}

/** No play of the playbook named a host of the inventory. */
export function noHosts(): FailureFacts {
  return {
    code: 'playbook-no-hosts',
    cause: 'No play of the playbook matches a host; nothing was done.',
    remedy: 'Write "hosts: all" in the playbook, or choose hosts that it names.',
  };
}

function stopped({ exit, record }: EndedPlay): FailureFacts {
  if (exit.why === 'timeout') {
    return {
      code: 'timed-out',
      cause: `The playbook took longer than it may; it was stopped ${whereabouts(record)}.`,
      remedy: 'See in the log what it waited for, mend that, and resume the run.',
    };
  }
  if (exit.why === 'cancelled') {
    return {
      code: 'cancelled',
      cause: `The playbook was cancelled ${whereabouts(record)}.`,
      remedy: 'Resume the run when you want the playbook to be played after all.',
    };
  }
  return {
    code: 'playbook-not-started',
    cause: `The worker cannot start Ansible: ${shorten(exit.error ?? 'no reason given')}.`,
    remedy: 'Install ansible-core and the OpenSSH client on the worker; see its log.',
  };
}

/** Whatever Ansible's exit code says, nobody knows what was done on which host. */
function unknown({ record, folder, exit: { refused } }: EndedPlay): FailureFacts {
  return {
    code: 'worker-disk-full',
    cause: `The worker could not store the results of the playbook in ${folder} (${refused ?? 'too many'}), so what it did is not known beyond ${lastKnown(record)}.`,
    remedy: `${FREE_SPACE} Look at the hosts, then resume the run, which plays the playbook anew.`,
  };
}

/** Ansible ended before it had counted. Worth another attempt only when it is certain that no task had begun. */
function incomplete(play: EndedPlay): ProvisioningFailure {
  return play.exit.refused !== null && play.record.task === null
    ? diskFull(play.folder)
    : new ProvisioningFailure(gaveUp(play));
}

function gaveUp({ record, output, folder, exit: { refused } }: EndedPlay): FailureFacts {
  const said = errorText(output);
  if (!record.hasRun) {
    return {
      code: 'playbook-not-started',
      cause: `Ansible refused the playbook; nothing was done. ${said}`,
      remedy: 'Correct the playbook or its variables as Ansible says, and resume the run.',
    };
  }
  const isFull = refused !== null;
  return {
    code: 'playbook-failed',
    cause: `Ansible gave up ${whereabouts(record)}. ${said}${isFull ? ` The worker could not write to ${folder}: ${refused}.` : ''}`,
    remedy: isFull
      ? `${FREE_SPACE} Then resume the run, which plays the playbook anew.`
      : 'Correct the playbook or its variables as Ansible says, and resume the run.',
  };
}

function whereabouts({ task }: PlayRecord): string {
  return task === null ? 'before its first task' : `at task "${shorten(task)}"`;
}

function lastKnown({ task }: PlayRecord): string {
  return task === null ? 'its beginning' : `task "${shorten(task)}"`;
}

/** What Ansible itself says is wrong, from its output: "ERROR! …", since 2.19 "[ERROR]: …". */
export function errorText(output: string): string {
  const plain = stripVTControlCharacters(output);
  const found = /(?:^|\n)(?:ERROR! |\[ERROR\]: ?)([\s\S]*)/.exec(plain);
  return shorten(found?.[1] ?? plain.slice(-1_000)) || 'It gave no reason.';
}
