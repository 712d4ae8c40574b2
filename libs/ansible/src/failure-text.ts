import { stripVTControlCharacters } from 'node:util';
import type { HostEvent, ItemEvent } from './play-events';

/** Longest message that is kept, characters. */
const LONGEST = 2_000;

type Reasons = HostEvent['why'];

/** Why a task failed on a host: Ansible's message and what the command said, at most 2,000 characters. */
export function describeFailure(event: HostEvent, item?: ItemEvent): string {
  if (event.no_log || item?.no_log) {
    return 'Not shown: the task is marked no_log.';
  }
  if (item) {
    return shorten(`${item.item ?? 'item'}: ${reason(item.why)}`);
  }
  return shorten(reason(event.why));
}

/** Without colours and control characters, at most 2,000 characters. */
export function shorten(text: string): string {
  const plain = stripVTControlCharacters(text)
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .trim();
  return plain.length <= LONGEST ? plain : `${plain.slice(0, LONGEST - 1)}…`;
}

function reason(why: Reasons): string {
  const message = textOf(why, 'msg') || textOf(why, 'reason');
  const said =
    textOf(why, 'stderr') ||
    textOf(why, 'stdout') ||
    textOf(why, 'module_stderr') ||
    textOf(why, 'module_stdout');
  const parts = [message, said === message ? '' : said].filter(Boolean);
  return parts.join('\n') || 'Ansible gave no reason.';
}

function textOf(why: Reasons, name: string): string {
  return String(why[name] ?? '').trim();
}
