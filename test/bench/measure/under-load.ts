import { type Latencies, countByStatus, latenciesOf } from '../load/latencies.ts';
import type { Answer, LoadPlan } from '../load/load-plan.ts';
import { runLoad } from '../load/run-load.ts';
import { fixedWorkMs } from './fixed-work.ts';
import { cpuMs, cpuMsOfTree, machineBusyMs } from './process-figures.ts';

/** The processes that a load is shared by. */
export interface Servers {
  /** Pid of the HTTP server that is measured. */
  readonly http: number;
  /** Pid of PostgreSQL's first process. */
  readonly postgres: number;
  readonly redis: number;
}

/** How a server did under a load. */
export interface UnderLoad {
  readonly latencies: Latencies;
  readonly statuses: Readonly<Record<string, number>>;
  /** CPU time for each request, ms. */
  readonly cpuPerRequest: {
    readonly http: number;
    readonly postgres: number;
    readonly redis: number;
    readonly generator: number;
  };
  /** Cores that programs had which are no part of this: the smaller, the better the figures. */
  readonly coresTakenByOthers: number;
  /** How fast the machine was just before, see fixedWorkMs: the smaller, the faster. */
  readonly fixedWorkMs: number;
}

/** Sends the load; answers how the servers did, and what they answered. */
export async function underLoad(
  servers: Servers,
  plan: LoadPlan,
): Promise<{ readonly figures: UnderLoad; readonly answers: readonly Answer[] }> {
  const work = fixedWorkMs();
  const before = await sample(servers);
  const { answers, generatorCpuMs } = await runLoad(plan);
  const after = await sample(servers);
  const used = (key: keyof typeof before) => after[key] - before[key];
  const perRequest = (ms: number) => ms / answers.length;
  const ours = used('http') + used('postgres') + used('redis') + used('bench') + generatorCpuMs;
  return {
    answers,
    figures: {
      latencies: latenciesOf(answers, plan.ratePerSecond),
      statuses: countByStatus(answers),
      cpuPerRequest: {
        http: perRequest(used('http')),
        postgres: perRequest(used('postgres')),
        redis: perRequest(used('redis')),
        generator: perRequest(generatorCpuMs),
      },
      coresTakenByOthers: Math.max(0, used('machine') - ours) / used('clock'),
      fixedWorkMs: work,
    },
  };
}

async function sample({ http, postgres, redis }: Servers) {
  const { user, system } = process.cpuUsage();
  return {
    clock: performance.now(),
    machine: await machineBusyMs(),
    http: await cpuMs(http),
    postgres: await cpuMsOfTree(postgres),
    redis: await cpuMs(redis),
    bench: (user + system) / 1_000,
  };
}
