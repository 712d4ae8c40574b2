import { API_PREFIX, Problem } from '@diaken/contracts';
import type { z } from 'zod';

/** An answer that is a problem document. */
export class ProblemAnswer extends Error {
  constructor(readonly problem: Problem) {
    super([problem.detail, problem.remedy].filter(Boolean).join(' '));
  }
}

/** Speaks to the API as any script would. */
export class RestClient {
  private readonly headers: Record<string, string> = { 'Content-Type': 'application/json' };

  constructor(private readonly baseUrl: string) {}

  /** Signs in; later requests carry the session. Throws `ProblemAnswer`. */
  async signIn(username: string, password: string): Promise<void> {
    const response = await this.send('POST', 'session', { username, password });
    await refuseProblem(response);
    this.headers['Cookie'] = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  }

  /** Throws `ProblemAnswer`. */
  async get<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> {
    const response = await this.send('GET', path);
    await refuseProblem(response);
    return schema.parse(await response.json());
  }

  /** Throws `ProblemAnswer`. */
  async post<T extends z.ZodType>(path: string, body: unknown, schema: T): Promise<z.output<T>> {
    return this.change('POST', path, body, schema);
  }

  /** Throws `ProblemAnswer`. */
  async change<T extends z.ZodType>(
    method: 'POST' | 'PATCH' | 'PUT',
    path: string,
    body: unknown,
    schema: T,
  ): Promise<z.output<T>> {
    const response = await this.send(method, path, body);
    await refuseProblem(response);
    return schema.parse(await response.json());
  }

  /** Throws `ProblemAnswer`. */
  async remove(path: string): Promise<void> {
    await refuseProblem(await this.send('DELETE', path));
  }

  private send(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.baseUrl}${API_PREFIX}/${path}`, {
      method,
      headers: this.headers,
      signal: AbortSignal.timeout(330_000),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }
}

async function refuseProblem(response: Response): Promise<void> {
  if (response.ok) {
    return;
  }
  const read = Problem.safeParse(await response.json().catch(() => undefined));
  throw read.success
    ? new ProblemAnswer(read.data)
    : new Error(`The API answered ${response.status} without saying why`);
}
