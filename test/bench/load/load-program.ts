import { text } from 'node:stream/consumers';
import { Pool } from 'undici';
import type { Answer, LoadPlan, LoadResult, PlannedRequest } from './load-plan.ts';

/** A request that has no answer by then has failed, ms. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Between starting and the first request, ms. */
const LEAD_MS = 200;

/** The load generator: a process of its own, so that it never waits for what it measures. */
const plan: LoadPlan = JSON.parse(await text(process.stdin));
const pool = new Pool(plan.origin, {
  pipelining: 1, // as many connections as there are open requests: nothing queues on our side
  headersTimeout: ANSWER_TIMEOUT_MS,
  bodyTimeout: ANSWER_TIMEOUT_MS,
});
const answers = await sendAll();
await pool.close();
const { user, system } = process.cpuUsage();
const result: LoadResult = { answers, generatorCpuMs: (user + system) / 1_000 };
process.stdout.write(JSON.stringify(result));

/** Sends each request when it is due, whether or not earlier ones have been answered. */
async function sendAll(): Promise<readonly Answer[]> {
  const { requests, ratePerSecond } = plan;
  const start = performance.now() + LEAD_MS;
  const dueAt = (index: number) => start + (index * 1_000) / ratePerSecond;
  const sent: Promise<Answer>[] = [];
  const { promise: allSent, resolve } = Promise.withResolvers<'sent'>();
  const sendDue = () => {
    const now = performance.now();
    while (dueAt(sent.length) <= now) {
      const next = requests[sent.length];
      if (!next) {
        resolve('sent');
        return;
      }
      sent.push(send(next, dueAt(sent.length)));
    }
    setTimeout(sendDue, Math.max(0, dueAt(sent.length) - performance.now()));
  };
  sendDue();
  await allSent;
  return Promise.all(sent);
}

async function send({ method, path, headers, body }: PlannedRequest, due: number): Promise<Answer> {
  const lateMs = performance.now() - due;
  try {
    const response = await pool.request({
      method,
      path,
      headers: { ...plan.headers, ...headers },
      ...(body !== undefined && { body }),
    });
    const answered = await response.body.text();
    const latencyMs = performance.now() - due;
    return { status: response.statusCode, latencyMs, lateMs, body: answered };
  } catch (error) {
    return { status: 0, latencyMs: performance.now() - due, lateMs, body: String(error) };
  }
}
