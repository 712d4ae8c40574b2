import { randomBytes } from 'node:crypto';
import { API_PREFIX, ApiTokenCreated, PERMISSIONS, SessionView } from '@diaken/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  type ApiProcess,
  createDatabase,
  databaseText,
  type OwnApi,
  startApi,
  startOwnApi,
  withDatabase,
} from '../../support/own-api';
import { problemIn, RawApi } from '../../support/raw-api';
import { ADMIN } from '../../support/system';

const NOBODY = '00000000-0000-4000-8000-000000000000';

interface Route {
  readonly method: string;
  readonly path: string;
  /** What the document says of who may call it. */
  readonly isPublic: boolean;
}

/** Every route of the OpenAPI document. */
async function routesOf(url: string): Promise<Route[]> {
  const response = await fetch(`${url}/api/openapi.json`);
  const { paths } = (await response.json()) as {
    paths: Record<string, Record<string, { security?: object[] }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path: path.replace('{id}', NOBODY),
      isPublic: security !== undefined,
    })),
  );
}

let own: OwnApi;
beforeAll(async () => {
  own = await startOwnApi(inject('system'), 'access');
});
afterAll(() => own.stop());

const tokenFor = async (input: object, maker: RawApi = own.admin) => {
  const answer = await maker.send('POST', 'tokens', {
    body: { name: randomBytes(6).toString('hex'), ...input },
  });
  return ApiTokenCreated.parse(answer.body);
};

describe('somebody unknown', () => {
  it('is let in nowhere but to sign in, to health and to the documentation', async () => {
    const stranger = new RawApi(own.url);
    const routes = await routesOf(own.url);
    expect(routes.length).toBeGreaterThan(30);
    for (const { method, path, isPublic } of routes.filter((route) => !route.isPublic)) {
      const answer = await stranger.send(method, path);
      const { status, code } = problemIn(answer);
      expect([method, path, isPublic, status, code]).toEqual([
        method,
        path,
        false,
        401,
        'not-signed-in',
      ]);
    }
    const open = routes
      .filter((route) => route.isPublic)
      .map(({ method, path }) => `${method} ${path}`);
    expect(open).toEqual([
      `POST ${API_PREFIX}/session`,
      `GET ${API_PREFIX}/health/live`,
      `GET ${API_PREFIX}/health/ready`,
    ]);
    for (const page of ['/api/docs', '/api/openapi.json']) {
      expect((await stranger.send('GET', page)).status).toBe(200);
    }
  });

  it.each([
    ['no token', ''],
    ['a token that nobody has made', 'Bearer dkt_nobody'],
    ['another scheme', 'Basic YWRtaW46YWRtaW4='],
    ['two tokens', 'Bearer a Bearer b'],
    ['a very long token', `Bearer ${'x'.repeat(5_000)}`],
  ])('with %s stays unknown', async (_what, header) => {
    const stranger = new RawApi(own.url, { Authorization: header });
    expect((await stranger.send('GET', 'runs')).status).toBe(401);
  });

  it('learns nothing of which users there are', async () => {
    const stranger = new RawApi(own.url);
    const signIn = (username: string) =>
      stranger.send('POST', 'session', { body: { username, password: 'a wrong password' } });
    const [known, unknown] = [await signIn('admin'), await signIn('nobody')];
    const told = ({ body }: { body: unknown }) => ({ ...(body as object), requestId: '' });
    expect(known.status).toBe(401);
    expect(told(known)).toEqual(told(unknown));
  });
});

describe('a token', () => {
  it('may do what its scopes say and nothing else', async () => {
    const token = await tokenFor({ scopes: ['runs:read'] });
    const script = own.admin.withToken(token.token);
    expect((await script.send('GET', 'runs')).status).toBe(200);
    const refused: string[] = [];
    const allowed: string[] = [];
    for (const { method, path } of (await routesOf(own.url)).filter((route) => !route.isPublic)) {
      const { status } = await script.send(method, path);
      (status === 403 ? refused : allowed).push(`${method} ${path}`);
    }
    expect(allowed).toEqual([
      ...['GET', 'DELETE'].map((method) => `${method} ${API_PREFIX}/session`),
      `PUT ${API_PREFIX}/session/password`,
      `GET ${API_PREFIX}/runs`,
      ...['', '/status', '/events', '/log', '/log/stream', '/wait'].map(
        (below) => `GET ${API_PREFIX}/runs/${NOBODY}${below}`,
      ),
      ...['', `/${NOBODY}`].map((below) => `GET ${API_PREFIX}/batches${below}`),
    ]);
    expect(refused.length).toBeGreaterThan(20);
  });

  it('that is refused is told which permission is missing', async () => {
    const token = await tokenFor({ scopes: ['runs:read'] });
    const answer = await own.admin.withToken(token.token).send('GET', 'hosts');
    expect(problemIn(answer)).toMatchObject({ status: 403, code: 'not-allowed' });
    expect(problemIn(answer).detail).toContain('hosts:read');
  });

  it('without scopes may do all that its owner may', async () => {
    const script = own.admin.withToken((await tokenFor({})).token);
    const { permissions } = SessionView.parse((await script.send('GET', 'session')).body);
    expect(permissions).toEqual([...PERMISSIONS]);
  });

  it('cannot make a token that may more than itself', async () => {
    const small = own.admin.withToken(
      (await tokenFor({ scopes: ['tokens:own', 'runs:read'] })).token,
    );
    const answer = await small.send('POST', 'tokens', {
      body: { name: 'More', scopes: ['runs:read', 'vcenters:write'] },
    });
    expect(problemIn(answer)).toMatchObject({ status: 403, errors: [{ path: 'scopes.1' }] });
    const made = await tokenFor({}, small);
    expect(made.scopes?.sort()).toEqual(['runs:read', 'tokens:own']);
  });

  it('that has expired is nothing', async () => {
    const token = await tokenFor({});
    const script = own.admin.withToken(token.token);
    expect((await script.send('GET', 'runs')).status).toBe(200);
    await withDatabase(own.databaseUrl, (database) =>
      database.query(
        `UPDATE api_token SET expires_at = now() - interval '1 second' WHERE id = $1`,
        [token.id],
      ),
    );
    expect(problemIn(await script.send('GET', 'runs')).code).toBe('not-signed-in');
  });

  it('that was revoked is nothing, at once', async () => {
    const token = await tokenFor({});
    const script = own.admin.withToken(token.token);
    expect((await own.admin.send('DELETE', `tokens/${token.id}`)).status).toBe(204);
    expect(problemIn(await script.send('GET', 'runs')).code).toBe('not-signed-in');
  });

  it('is shown once and stored as a hash only', async () => {
    const { token, name } = await tokenFor({});
    expect((await own.admin.send('GET', 'tokens?limit=200')).text).toContain(name);
    expect((await own.admin.send('GET', 'tokens?limit=200')).text).not.toContain(token);
    expect(await databaseText(own.databaseUrl)).not.toContain(token);
  });

  it('of somebody else is not there', async () => {
    const token = await tokenFor({});
    await withDatabase(own.databaseUrl, async (database) => {
      await database.query(
        `INSERT INTO app_user SELECT gen_random_uuid(), 'other', password_hash, 'viewer', false FROM app_user`,
      );
    });
    const other = await RawApi.signedIn(own.url, { ...ADMIN, username: 'other' });
    expect((await other.send('GET', 'tokens')).body).toEqual({ items: [], next: null });
    expect((await other.send('DELETE', `tokens/${token.id}`)).status).toBe(404);
    expect((await own.admin.withToken(token.token).send('GET', 'runs')).status).toBe(200);
    // A viewer reads, and can neither change anything nor hand out more.
    expect((await other.send('GET', 'runs')).status).toBe(200);
    expect((await other.send('POST', 'environments', { body: { name: 'x' } })).status).toBe(403);
    const more = await other.send('POST', 'tokens', {
      body: { name: 'x', scopes: ['runs:write'] },
    });
    expect(more.status).toBe(403);
  });
});

describe('a session', () => {
  const signIn = (url = own.url, credentials = ADMIN) =>
    new RawApi(url).send('POST', 'session', { body: credentials });

  it('is a cookie that no script reads and no other site sends', async () => {
    const [cookie = ''] = (await signIn()).headers.getSetCookie();
    const [pair, ...flags] = cookie.split('; ');
    expect(pair).toMatch(/^diaken_session=dks_[\w-]{43}$/);
    expect(flags).toEqual(
      expect.arrayContaining(['HttpOnly', 'SameSite=Strict', 'Path=/', 'Max-Age=43200']),
    );
    expect(flags).not.toContain('Secure');
  });

  it('is sent over TLS only where the settings say so', async () => {
    const api = await startOwnApi(inject('system'), 'secure', { DIAKEN_COOKIE_SECURE: 'true' });
    try {
      const answer = await signIn(api.url);
      expect(answer.headers.getSetCookie()[0]).toContain('; Secure');
      expect(answer.headers.get('Strict-Transport-Security')).not.toBeNull();
    } finally {
      await api.stop();
    }
  });

  it('is stored as a hash only', async () => {
    const [cookie = ''] = (await signIn()).headers.getSetCookie();
    const [, token = ''] = /=(\S+);/.exec(cookie) ?? [];
    expect(token.length).toBeGreaterThan(40);
    expect(await databaseText(own.databaseUrl)).not.toContain(token);
  });

  it('ends when its user signs out, also for whoever kept the cookie', async () => {
    const browser = await RawApi.signedIn(own.url);
    const other = await RawApi.signedIn(own.url);
    const answer = await browser.send('DELETE', 'session');
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()[0]).toMatch(/^diaken_session=;.*Expires=Thu, 01 Jan 1970/);
    expect((await browser.send('GET', 'session')).status).toBe(401);
    expect((await other.send('GET', 'session')).status).toBe(200);
  });

  it('ends when its time is over', async () => {
    const browser = await RawApi.signedIn(own.url);
    await withDatabase(own.databaseUrl, (database) =>
      database.query('UPDATE user_session SET expires_at = now()'),
    );
    expect((await browser.send('GET', 'session')).status).toBe(401);
  });

  it('ends when the password is changed in another one', async () => {
    const [here, there] = [await RawApi.signedIn(own.url), await RawApi.signedIn(own.url)];
    const change = (currentPassword: string, newPassword: string) =>
      here.send('PUT', 'session/password', { body: { currentPassword, newPassword } });

    expect(problemIn(await change('a wrong password', 'another password')).code).toBe(
      'wrong-credentials',
    );
    expect((await there.send('GET', 'session')).status).toBe(200);
    expect(problemIn(await change(ADMIN.password, 'short')).errors?.[0]?.path).toBe('newPassword');
    expect((await change(ADMIN.password, ADMIN.password)).status).toBe(400);

    expect((await change(ADMIN.password, 'another password')).status).toBe(204);
    expect((await here.send('GET', 'session')).status).toBe(200);
    expect((await there.send('GET', 'session')).status).toBe(401);
    expect((await signIn()).status).toBe(401);
    expect((await change('another password', ADMIN.password)).status).toBe(204);
  });
});

describe('sign-in attempts', () => {
  it('are throttled, whatever address a client claims to have', async () => {
    const api = await startOwnApi(inject('system'), 'throttle');
    try {
      const attempt = (number: number) =>
        new RawApi(api.url, { 'X-Forwarded-For': `192.0.2.${number}` }).send('POST', 'session', {
          body: { username: 'admin', password: `guess ${number}` },
        });
      const statuses: number[] = [];
      for (let number = 1; number <= 40; number++) {
        statuses.push((await attempt(number)).status);
      }
      // The sign-in of the set-up was the first.
      expect(statuses.filter((status) => status === 401)).toHaveLength(29);
      const refused = await attempt(41);
      expect(problemIn(refused)).toMatchObject({ status: 429, code: 'too-many-requests' });
      expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
      // Whoever is signed in works on.
      expect((await api.admin.send('GET', 'runs')).status).toBe(200);
    } finally {
      await api.stop();
    }
  });
});

describe('the first start without a password file', () => {
  const ONE_TIME = /one-time password: (\S+)/;
  let databaseUrl: string;
  let first: ApiProcess;
  beforeAll(async () => {
    databaseUrl = await createDatabase(inject('system'), 'first');
    first = await startApi({ ...inject('system'), databaseUrl });
  });
  afterAll(() => first.stop());

  it('prints a one-time password, on stderr only, and only once', async () => {
    const [, password = ''] = ONE_TIME.exec(first.stderr()) ?? [];
    expect(password).toMatch(/^[\w-]{20}$/);
    expect(first.stderr().split(password)).toHaveLength(2);
    expect(first.stdout()).not.toContain(password);
    const second = await startApi({ ...inject('system'), databaseUrl });
    await second.stop();
    expect(second.stderr()).toBe('');
    expect(second.stdout()).not.toMatch(ONE_TIME);
  });

  it('lets its administrator do nothing until the password is changed', async () => {
    const [, password = ''] = ONE_TIME.exec(first.stderr()) ?? [];
    const admin = await RawApi.signedIn(first.url, { username: 'admin', password });
    const session = await admin.send('GET', 'session');
    expect(session.body).toMatchObject({ mustChangePassword: true });
    for (const { method, path } of (await routesOf(first.url)).filter((route) => !route.isPublic)) {
      if (!path.startsWith(`${API_PREFIX}/session`)) {
        expect(problemIn(await admin.send(method, path))).toMatchObject({
          status: 403,
          code: 'password-change-required',
        });
      }
    }
    const change = { currentPassword: password, newPassword: 'a password of my own' };
    expect((await admin.send('PUT', 'session/password', { body: change })).status).toBe(204);
    expect((await admin.send('GET', 'runs')).status).toBe(200);
    const again = await new RawApi(first.url).send('POST', 'session', {
      body: { username: 'admin', password },
    });
    expect(again.status).toBe(401);
  });

  it('makes one administrator when two processes start at once', async () => {
    const together = {
      ...inject('system'),
      databaseUrl: await createDatabase(inject('system'), 'two'),
    };
    const processes = await Promise.all([startApi(together), startApi(together)]);
    const told = processes.map(({ stderr }) => ONE_TIME.exec(stderr())?.[1]).filter(Boolean);
    expect(told).toHaveLength(1);
    const [{ url }] = processes;
    await RawApi.signedIn(url, { username: 'admin', password: told[0] ?? '' });
    await Promise.all(processes.map(({ stop }) => stop()));
  });
});
