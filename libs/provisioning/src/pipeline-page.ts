import type { BuiltStep, FailurePolicy, Pipeline, RetryPolicy } from '@diaken/pipeline';
import { pipelinesOf } from './pipelines';
import { NO_TOOLS } from './tools';

const PREFACE = `# Pipelines

Generated from the pipelines themselves; do not edit. Change the steps, then run
\`DIAKEN_UPDATE_DOCS=1 npx nx test provisioning --skip-nx-cache\`.

Each kind of run takes its steps in this order. Every step may be taken again after a crash, so it looks first for what
it has already done. Only failures that may pass by themselves are tried again, and each attempt has the time limit for
itself. A run that stops keeps what it made until somebody resumes it or rolls it back; a roll-back undoes the steps that
were begun, last one first. A change to a machine has no undoing of its own: it goes with the machine.
`;

const HEADINGS = [
  ...['', 'step', 'what it does', 'taken', 'time limit', 'tried again'],
  ...['when it fails for good', 'has an undo'],
];

const MEANING: Record<FailurePolicy, string> = {
  hold: 'the run stops',
  'roll-back': 'the run is rolled back',
  ignore: 'the run goes on',
};

/** docs/pipeline.md: what every kind of run does, step by step, in Markdown. */
export function pipelinePage(): string {
  const sections = [...pipelinesOf(NO_TOOLS).values()].map(sectionOf);
  return [PREFACE, ...sections].join('\n');
}

function sectionOf({ kind, steps }: Pipeline): string {
  const rows = [HEADINGS, HEADINGS.map(() => '---'), ...steps.map(rowOf)];
  const table = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return `## ${kind}\n\n${table}\n`;
}

function rowOf(step: BuiltStep, index: number): string[] {
  const { name, title, applies, timeoutMs, retry, onFailure = 'hold', undo } = step;
  return [
    `${index + 1}`,
    `\`${name}\``,
    title,
    applies ? 'when the request needs it' : 'always',
    durationOf(timeoutMs),
    retriesOf(retry),
    MEANING[onFailure],
    undo ? 'yes' : 'no',
  ];
}

function retriesOf(retry: RetryPolicy | undefined): string {
  if (!retry) {
    return 'no';
  }
  const { attempts, delayMs, backoff = 1 } = retry;
  const times = `up to ${attempts - 1} times`;
  return backoff === 1
    ? `${times}, every ${durationOf(delayMs)}`
    : `${times}, first after ${durationOf(delayMs)}, each pause ${backoff} × the last`;
}

function durationOf(ms: number): string {
  const [count, unit] = inUnits(ms);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function inUnits(ms: number): [number, string] {
  const units = { hour: 3_600_000, minute: 60_000 };
  if (ms > units.hour && ms % units.hour === 0) {
    return [ms / units.hour, 'hour'];
  }
  return ms >= units.minute && ms % units.minute === 0
    ? [ms / units.minute, 'minute']
    : [ms / 1_000, 'second'];
}
