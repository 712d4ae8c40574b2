import { API_PREFIX, Problem } from '@diaken/contracts';
import { ADMIN } from './system';

/** What the API answered, read but not judged. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
  readonly body: unknown;
}

export interface RawRequest {
  /** A string goes out as it is; everything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Speaks to the API as somebody who may also send nonsense, and shows every answer. */
export class RawApi {
  constructor(
    readonly url: string,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  /** Somebody who is signed in; by default the administrator. */
  static async signedIn(url: string, credentials = ADMIN): Promise<RawApi> {
    const answer = await new RawApi(url).send('POST', 'session', { body: credentials });
    if (answer.status !== 200) {
      throw new Error(`Sign-in was answered ${answer.status}: ${answer.text}`);
    }
    const [cookie = ''] = answer.headers.getSetCookie();
    return new RawApi(url, { Cookie: cookie.split(';')[0] ?? '' });
  }

  /** Somebody who carries an API token. */
  withToken(token: string): RawApi {
    return new RawApi(this.url, { Authorization: `Bearer ${token}` });
  }

  /** `path` is relative to the API's prefix, unless it begins with a slash. */
  async send(method: string, path: string, request: RawRequest = {}): Promise<Answer> {
    const { body, headers } = request;
    const response = await fetch(
      `${this.url}${path.startsWith('/') ? '' : `${API_PREFIX}/`}${path}`,
      {
        method,
        redirect: 'manual',
        signal: AbortSignal.timeout(60_000),
        headers: {
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...this.headers,
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      },
    );
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  }
}

/** The problem document of an answer. Throws when the answer is anything else. */
export function problemIn(answer: Answer): Problem {
  const type = answer.headers.get('Content-Type') ?? '';
  const read = Problem.safeParse(answer.body);
  if (!type.startsWith('application/problem+json') || !read.success) {
    throw new Error(`No problem document: ${answer.status} ${type} ${answer.text.slice(0, 500)}`);
  }
  if (read.data.status !== answer.status) {
    throw new Error(`The problem says ${read.data.status}, the answer ${answer.status}`);
  }
  return read.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Pages and streams are no JSON.
  }
}
