import type { ResidentMemory } from '../measure/process-figures';
import type { ProcessWork } from '../measure/process-work';
import type { Spread } from '../measure/spread';
import { ENQUEUE } from '../bounds';
import { machineLine, machineNow, table, writeFigures } from '../report/markdown';
import type { ClaimFigures } from './claims';
import type { EnqueueFigures, EnqueuePart } from './enqueue';
import type { WaitingFigures } from './waiting';
import type { WakeUpFigures } from './wake-ups';

/** What was asked of a queue of some length. */
export interface Asked {
  readonly claims: ClaimFigures;
  readonly waiting: WaitingFigures;
}

/** Everything that was measured of the queue; what is missing was not reached. */
export class QueueReport {
  readonly machine = machineNow();
  enqueue: EnqueueFigures | undefined;
  /** Memory of Redis without the peer's jobs, bytes. */
  redisOwn: number | undefined;
  short: Asked | undefined;
  /** While PostgreSQL believes that as good as nothing waits, as at the beginning of a burst. */
  surprised: Asked | undefined;
  long: Asked | undefined;
  bare: ProcessWork | undefined;
  wakeUps: WakeUpFigures | undefined;

  /** Prints Markdown tables, and writes the figures to dist/bench/queue.json. */
  async write(): Promise<void> {
    await writeFigures('queue', this);
    const { machine, enqueue, short, surprised, long, bare, wakeUps } = this;
    const parts = [
      `${machineLine(machine)}. A long queue has ${ENQUEUE.runs} runs that wait, a short one ${ENQUEUE.warmUp}.`,
      enqueue && enqueueTable(enqueue),
      enqueue && this.redisLine(enqueue),
      short && surprised && long && askedTable({ short, surprised, long }),
      wakeUps && bare && wakeUpTable(wakeUps, bare),
    ];
    console.log(`\n${parts.filter(Boolean).join('\n\n')}`);
  }

  private redisLine({ redisBefore, jobs }: EnqueueFigures): string {
    const own = (this.redisOwn ?? Number.NaN) - redisBefore;
    return (
      `Redis: ${mebibytes(redisBefore)} MiB before, ${mebibytes(this.redisOwn)} MiB with ${jobs} jobs, ` +
      `${Math.round(own / jobs)} bytes for each.`
    );
  }
}

function enqueueTable({ parts, all, growth, took }: EnqueueFigures): string {
  const row = (name: string, { record, wakeUp, whole, peer, bare }: EnqueuePart) => [
    name,
    ...[whole.p50, whole.p95, whole.p99, whole.max, record.p50, record.p99].map(ms),
    ...[wakeUp.p50, wakeUp.p99, bare.p50, bare.p99, peer.p50, peer.p99].map(ms),
  ];
  const head = ['runs that wait', 'enqueue p50 ms', 'p95 ms', 'p99 ms', 'max ms'];
  const shares = ['PostgreSQL p50 ms', 'p99 ms', 'Bull p50 ms', 'p99 ms'];
  const peers = ['bare INSERT p50 ms', 'p99 ms', 'Bull’s own priorities p50 ms', 'p99 ms'];
  return [
    table(
      [...head, ...shares, ...peers],
      [...parts.map((part) => row(`from ${part.waiting} on`, part)), row('all', all)],
    ),
    `From the first thousand to the last, at p50, beside a bare INSERT: ${growth.toFixed(2)} ×.`,
    `Bounds: p99 of all < ${ENQUEUE.p99Ms} ms, growth < ${ENQUEUE.growth} ×.`,
    machineUse(took, ENQUEUE.runs),
  ].join('\n\n');
}

function askedTable({
  short,
  surprised,
  long,
}: Record<'short' | 'surprised' | 'long', Asked>): string {
  const questions: [string, (asked: Asked) => Spread][] = [
    ['claim, the first is given', ({ claims }) => claims.free],
    ['claim, nine tenths are blocked by a limit', ({ claims }) => claims.blocked],
    ['claim, the worker has no room', ({ claims }) => claims.noRoom],
    ['claim in maintenance', ({ claims }) => claims.maintenance],
    ['status of a run at the front', ({ waiting }) => waiting.front],
    ['status of a run in the middle', ({ waiting }) => waiting.middle],
    ['status of a run at the end', ({ waiting }) => waiting.end],
    ['GET /queue', ({ waiting }) => waiting.overview],
  ];
  const rows = questions.map(([name, of]) => [
    name,
    ...[short, surprised, long].flatMap((asked) => [of(asked).p50, of(asked).p99]).map(ms),
    `${(of(surprised).p50 / of(short).p50).toFixed(1)} ×`,
    `${(of(long).p50 / of(short).p50).toFixed(1)} ×`,
  ]);
  const places = long.waiting.places.map(String).join(', ');
  return [
    table(
      [
        ...[
          'question',
          'short p50 ms',
          'p99 ms',
          'burst p50 ms',
          'p99 ms',
          'long p50 ms',
          'p99 ms',
        ],
        ...['burst / short, p50', 'long / short, p50'],
      ],
      rows,
    ),
    'burst: PostgreSQL has counted its rows last when nothing waited. long: it has counted them again.',
    `Places told at the front, in the middle and at the end: ${places}.`,
  ].join('\n\n');
}

function wakeUpTable(figures: WakeUpFigures, bare: ProcessWork): string {
  const { jobs, took, undoing, undone, started, idle, after } = figures;
  const row = (name: string, of: ProcessWork, consumer: string) => [
    name,
    (of.wallMs / 1_000).toFixed(1),
    ((1_000 * jobs) / of.wallMs).toFixed(0),
    ...[consumer, 'postgres', 'redis'].map((part) => ((of.cpuMs[part] ?? 0) / jobs).toFixed(2)),
    of.coresTakenByOthers.toFixed(2),
    of.fixedWorkMs.toFixed(0),
  ];
  const memory = ({ now, peak }: ResidentMemory) =>
    `${now.toFixed(0)} MiB, peak ${peak.toFixed(0)}`;
  return [
    table(
      [
        ...[`${jobs} jobs`, 's', 'jobs/s', 'CPU ms/job: consumer', 'PostgreSQL', 'Redis'],
        ...['cores taken by others', 'fixed work ms'],
      ],
      [row('worker in maintenance', took, 'worker'), row('bare Bull consumer', bare, 'bench')],
    ),
    `Memory of the worker: ${memory(idle)} before, ${memory(after)} after. Runs started: ${started}.`,
    `${undone} runs were undone meanwhile: p50 ${ms(undoing.p50)} ms, p99 ${ms(undoing.p99)} ms, max ${ms(undoing.max)} ms.`,
  ].join('\n\n');
}

function machineUse({ cpuMs, coresTakenByOthers, fixedWorkMs }: ProcessWork, runs: number): string {
  const each = (part: string) => ((cpuMs[part] ?? 0) / runs).toFixed(2);
  return (
    `CPU ms/enqueue, with the two that it is compared with: this process ${each('bench')}, PostgreSQL ${each('postgres')}, ` +
    `Redis ${each('redis')}. Cores taken by others: ${coresTakenByOthers.toFixed(2)}; ` +
    `fixed work ${fixedWorkMs.toFixed(0)} ms.`
  );
}

const ms = (time: number) => time.toFixed(2);

const mebibytes = (bytes = Number.NaN) => (bytes / 2 ** 20).toFixed(1);
