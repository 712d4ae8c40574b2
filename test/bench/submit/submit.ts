import { join } from 'node:path';
import { startNodeServer } from '@diaken/embedded';
import * as z from 'zod';
import { freePort } from '../../support/system';
import type { Needed } from '../../support/machines';
import type { BenchSystem } from '../bench-system';
import { SUBMIT, WARM_UP_SECONDS } from '../bounds';
import type { Answer } from '../load/load-plan.ts';
import { type Servers, type UnderLoad, underLoad } from '../measure/under-load';
import { type KeptRuns, keptRuns } from './kept-runs';
import { submissions } from './submissions';

const WARM_UP = SUBMIT.ratePerSecond * WARM_UP_SECONDS;
const MEASURED = SUBMIT.ratePerSecond * SUBMIT.seconds;
const BARE_PROGRAM = join(import.meta.dirname, 'bare-program.ts');

const Accepted = z.object({ id: z.uuid() });

/** A server that takes submissions, cold and warm. */
export interface SubmitFigures {
  readonly warmUp: UnderLoad;
  readonly measured: UnderLoad;
  /** Ids answered with 202, of both loads. */
  readonly ids: readonly string[];
}

/** Submissions to the API, and whether every one that it accepted has been kept. */
export async function measureSubmit(
  system: BenchSystem,
  { needed, token }: { readonly needed: Needed; readonly token: string },
): Promise<SubmitFigures & { readonly kept: KeptRuns }> {
  const { api, origin, postgresPid, redisPid } = system;
  const servers = { http: api.pid, postgres: postgresPid, redis: redisPid };
  const figures = await submit({ servers, origin, token, needed });
  return { ...figures, kept: await keptRuns(system, figures.ids) };
}

/** The same load on a server that does nothing but one INSERT and one Bull job. */
export async function measureBare(
  { databaseUrl, redisUrl, postgresPid, redisPid }: BenchSystem,
  needed: Needed,
): Promise<SubmitFigures> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const server = await startNodeServer({
    name: 'bare server',
    program: BARE_PROGRAM,
    variables: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      PORT: String(port),
    },
    readyUrl: origin,
  });
  try {
    const servers = { http: server.pid, postgres: postgresPid, redis: redisPid };
    return await submit({ servers, origin, token: 'none', needed });
  } finally {
    await server.stop();
  }
}

async function submit({
  servers,
  origin,
  token,
  needed,
}: {
  readonly servers: Servers;
  readonly origin: string;
  readonly token: string;
  readonly needed: Needed;
}): Promise<SubmitFigures> {
  const { ratePerSecond } = SUBMIT;
  const headers = { Authorization: `Bearer ${token}` };
  const send = (from: number, count: number) => {
    const requests = submissions(needed, { from, count });
    return underLoad(servers, { origin, headers, ratePerSecond, requests });
  };
  const warmUp = await send(1, WARM_UP);
  const measured = await send(1 + WARM_UP, MEASURED);
  const accepted = [...warmUp.answers, ...measured.answers].filter(({ status }) => status === 202);
  return { warmUp: warmUp.figures, measured: measured.figures, ids: accepted.map(idOf) };
}

function idOf({ body }: Answer): string {
  return Accepted.parse(JSON.parse(body)).id;
}
