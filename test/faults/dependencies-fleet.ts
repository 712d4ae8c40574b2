import {
  isSettled,
  type LogLine,
  LogPage,
  RunAccepted,
  RunPage,
  type RunSummary,
} from '@diaken/contracts';
import { expect } from 'vitest';
import { machineInput, type Needed } from '../support/machines';
import { type Answer, RawApi } from '../support/raw-api';
import type { System } from '../support/system';
import { VCenterCensus } from './vcenter-census';

/** A run that was answered 202. */
export interface Asked {
  readonly runId: string;
  readonly hostname: string;
  readonly address: string;
}

/** A request for a machine. */
export interface Attempt {
  readonly answer: Answer;
  /** Where it was accepted. */
  readonly run?: Asked;
}

/** What a request says beside name and address. */
export type Wishes = Partial<Omit<Parameters<typeof machineInput>[2], 'network'>>;

/** What became of runs. */
export interface Outcome {
  readonly runs: number;
  readonly success: number;
  /** Code and step of each run that failed. */
  readonly failed: readonly string[];
  /** Runs that did not end. */
  readonly lost: readonly string[];
  /** What else is wrong with any of them. */
  readonly flaws: readonly string[];
}

/** What Ansible printed, by step. */
type Printed = ReadonlyMap<string, readonly string[]>;

const PLAYING = ['configure-guest', 'run-playbooks'];
/** What Diaken says in between, also when a worker goes on where another one has stopped. */
const OURS = /^(Variables: .*|Playbook \d+ of \d+: .*|.* has run already\.)$/;
const MOST_RUNS = 100;
/** How long a run may take to a step that another one waits for, ms. */
const REACH_MS = 120_000;
const LOOK_MS = 250;

/** Asks for machines, many at a time, and sees what becomes of them. */
export class Fleet {
  private count = 0;
  private reference: Printed = new Map();

  constructor(
    private readonly system: System,
    private readonly needed: Needed,
    private readonly api: RawApi,
  ) {}

  /** Asks for one machine, whose name and address no other one has; shows the answer whatever it is. */
  async ask(wishes: Wishes = {}): Promise<Attempt> {
    const number = ++this.count;
    const hostname = `fleet-${number}`;
    const address = `127.77.${95 + Math.floor(number / 250)}.${(number % 250) + 1}`;
    const body = machineInput(this.needed, this.system.lab, {
      ...wishes,
      hostname,
      network: { address },
    });
    const answer = await this.api.send('POST', 'deployments', { body });
    const { data } = RunAccepted.safeParse(answer.body);
    return answer.status === 202 && data
      ? { answer, run: { runId: data.id, hostname, address } }
      : { answer };
  }

  /** Asks for some machines, all of which must be accepted. */
  async launch(count: number, wishes?: Wishes): Promise<readonly [Asked, ...Asked[]]> {
    const runs: [Asked, ...Asked[]] = [await this.accepted(wishes)];
    while (runs.length < count) {
      runs.push(await this.accepted(wishes));
    }
    return runs;
  }

  /** Resolves once one of the runs is in the step of this title. */
  async reached(runs: readonly Asked[], title: string): Promise<void> {
    const steps = async () => (await this.look(runs)).map(({ step }) => step);
    await expect.poll(steps, { timeout: REACH_MS, interval: LOOK_MS }).toContain(title);
  }

  /** Resolves once Ansible has printed this for the run. */
  async printed(run: Asked, text: string): Promise<void> {
    const lines = async () => (await this.readLog(run)).text;
    await expect.poll(lines, { timeout: REACH_MS, interval: LOOK_MS }).toContain(text);
  }

  /** Waits for the end of an undisturbed run; keeps what Ansible prints in it, to compare the others with. */
  async keepReference(run: Asked): Promise<void> {
    await this.outcome([run], REACH_MS);
    this.reference = (await this.readLog(run)).printed;
  }

  /** Waits until the runs have ended; what has not by then is lost. */
  async outcome(runs: readonly Asked[], withinMs: number): Promise<Outcome> {
    let seen: readonly RunSummary[] = [];
    const going = async () => {
      seen = await this.look(runs);
      return runs.length - seen.filter(({ status }) => isSettled(status)).length;
    };
    const options = { timeout: withinMs, interval: LOOK_MS };
    await expect
      .poll(going, options)
      .toBe(0)
      .catch(() => undefined); // those are lost
    const ended = seen.filter(({ status }) => isSettled(status));
    const lost = runs.filter(({ runId }) => !ended.some(({ id }) => id === runId));
    return {
      runs: runs.length,
      success: ended.filter(({ status }) => status === 'success').length,
      failed: ended.flatMap(({ status, failure }) =>
        status === 'failed' ? `${failure?.code} at ${failure?.step}` : [],
      ),
      lost: lost.map(
        ({ hostname }) => `${hostname}: ${seen.find((run) => run.target === hostname)?.status}`,
      ),
      flaws: await this.flawsOf(runs, ended),
    };
  }

  /** Those of the runs that have failed. */
  async failed(runs: readonly Asked[]): Promise<readonly Asked[]> {
    const failed = (await this.look(runs)).filter(({ status }) => status === 'failed');
    return runs.filter(({ runId }) => failed.some(({ id }) => id === runId));
  }

  private async accepted(wishes?: Wishes): Promise<Asked> {
    const { answer, run } = await this.ask(wishes);
    if (!run) {
      throw new Error(`Not accepted: ${answer.status} ${answer.text}`);
    }
    return run;
  }

  /** The runs as the history shows them; none while the API cannot tell. */
  private async look(runs: readonly Asked[]): Promise<readonly RunSummary[]> {
    const answer = await this.api.send('GET', `runs?kind=deploy-vm&limit=${MOST_RUNS}`);
    const { items } = RunPage.safeParse(answer.body).data ?? { items: [] };
    return items.filter(({ id }) => runs.some(({ runId }) => runId === id));
  }

  private async flawsOf(
    runs: readonly Asked[],
    ended: readonly RunSummary[],
  ): Promise<readonly string[]> {
    const census = new VCenterCensus(this.system.lab);
    const machines = await census.take().finally(() => census.close());
    const flaws: string[] = [];
    for (const run of runs) {
      const summary = ended.find(({ id }) => id === run.runId);
      const mine = machines.filter(
        ({ name, instanceUuid }) => name === run.hostname || instanceUuid === run.runId,
      );
      const isRight = summary?.status === 'success' ? mine.length === 1 : mine.length <= 1;
      flaws.push(...(isRight ? [] : [`${run.hostname} has ${mine.length} machines`]));
      flaws.push(...(await this.flawsOfLog(run, summary?.status === 'success')));
    }
    return flaws;
  }

  /** Lines without gaps, and from Ansible those that an undisturbed run has, in the same order. */
  private async flawsOfLog(run: Asked, isWhole: boolean): Promise<readonly string[]> {
    const { lines, total, printed } = await this.readLog(run);
    const isSound = lines.length === total && lines.every((line, at) => line === at + 1);
    const others = [...printed].flatMap(([step, texts]) => {
      const expected = this.reference.get(step) ?? [];
      const at = [...texts, undefined].findIndex((text, line) => text !== expected[line]);
      return at < 0
        ? []
        : `${run.hostname} prints at ${step}: "${texts[at]}", not "${expected[at]}"`;
    });
    return [
      ...(isSound ? [] : [`the log of ${run.hostname} has ${lines.length} of ${total} lines`]),
      ...(isWhole ? others : []),
    ];
  }

  private async readLog(run: Asked) {
    const page = await this.system.client.get(`runs/${run.runId}/log?limit=5000`, LogPage);
    const printed = new Map<string, string[]>();
    for (const { step, text } of page.items.filter(isPrinted)) {
      printed.set(step, [...(printed.get(step) ?? []), withoutNames(text, run)]);
    }
    const text = page.items.map((line) => line.text).join('\n');
    return { lines: page.items.map(({ line }) => line), total: page.total, printed, text };
  }
}

function isPrinted({ step, text }: LogLine): boolean {
  return PLAYING.includes(step) && !OURS.test(text);
}

/** A line as every run prints it: without colours, name and address, whose lengths also move what follows. */
function withoutNames(text: string, { hostname, address }: Asked): string {
  return text
    .replaceAll(/\u001b\[[\d;]*m/g, '')
    .replaceAll(hostname, 'HOST')
    .replaceAll(address, 'ADDRESS')
    .replaceAll(/ +/g, ' ');
}
