import type { BenchSystem } from '../bench-system';
import { POLLS, WARM_UP_SECONDS } from '../bounds';
import type { PlannedRequest } from '../load/load-plan.ts';
import { type UnderLoad, underLoad } from '../measure/under-load';

/** Polls of runs that do not change: each carries the ETag of the last answer. */
export async function measurePolls(
  { api, origin, postgresPid, redisPid }: BenchSystem,
  token: string,
  runs: readonly string[],
): Promise<UnderLoad> {
  const { ratePerSecond, seconds } = POLLS;
  const servers = { http: api.pid, postgres: postgresPid, redis: redisPid };
  const headers = { Authorization: `Bearer ${token}` };
  const polls: PlannedRequest[] = [];
  for (const run of runs) {
    const path = `/api/v1/runs/${run}/status`;
    const response = await fetch(`${origin}${path}`, { headers });
    await response.body?.cancel();
    const etag = response.headers.get('ETag') ?? 'none';
    polls.push({ method: 'GET', path, headers: { 'If-None-Match': etag } });
  }
  const send = (count: number) => {
    const requests = Array.from({ length: count }, (_, index) => polls[index % polls.length]);
    return underLoad(servers, {
      ...{ origin, headers, ratePerSecond },
      requests: requests.filter((poll) => poll !== undefined),
    });
  };
  await send(ratePerSecond * WARM_UP_SECONDS);
  return (await send(ratePerSecond * seconds)).figures;
}
