import { EmbeddedError } from './embedded-error';
import type { EmbeddedServer } from './embedded-server';
import { findFreePort, isPortFree, LOOPBACK } from './ports';
import type { RegisteredUsers } from './registered-users';
import type { ServerSettings } from './server-memory';

/** Somebody may take a port between the choice and the start. */
const START_ATTEMPTS = 5;

/** How a user wants a server. */
export interface ServerWish {
  /** The user's own entry in the register. */
  readonly entry: string;
  readonly durable: boolean;
  /** Undefined: any. */
  readonly port: number | undefined;
}

/** Joins the running server or starts one; resolves to its address. Needs the folder's lock. */
export async function runServer(
  server: EmbeddedServer,
  users: RegisteredUsers,
  wish: ServerWish,
): Promise<string> {
  const port = (await joinRunning(server, users, wish)) ?? (await startNew(server, wish));
  return server.url(port);
}

/** Removes a user and ends the servers that nobody uses any more. Needs the folder's lock. */
export async function stopUnused(
  servers: readonly EmbeddedServer[],
  users: RegisteredUsers,
  entry: string,
): Promise<void> {
  await users.remove(entry);
  await Promise.all(
    servers.map(async (server) => {
      if ((await users.others(server.name, entry)).length > 0) return;
      const running = await server.findRunning();
      if (running) await server.stop(running);
    }),
  );
}

/** The port of the server that runs already; undefined when none does. */
async function joinRunning(
  server: EmbeddedServer,
  users: RegisteredUsers,
  wish: ServerWish,
): Promise<number | undefined> {
  const running = await server.findRunning();
  if (!running) return undefined;
  const settings = await server.memory.read();
  if (settings && fits(settings, wish)) {
    await server.untilReady(running, settings.port);
    return settings.port;
  }
  const others = await users.others(server.name, wish.entry);
  if (others.length > 0) throw settingsDiffer(server, settings, others);
  await server.stop(running);
  return undefined;
}

function fits(settings: ServerSettings, wish: ServerWish): boolean {
  const samePort = wish.port === undefined || wish.port === settings.port;
  return samePort && settings.durable === wish.durable;
}

async function startNew(server: EmbeddedServer, wish: ServerWish): Promise<number> {
  await server.prepare(wish.durable);
  for (let attempt = 1; ; attempt += 1) {
    const port = await choosePort(server, wish);
    const settings = { port, durable: wish.durable };
    await server.memory.write(settings); // first, so that a later start can join in any case
    try {
      await server.start(settings);
      return port;
    } catch (error) {
      // Only the server itself can tell that somebody was quicker to take the port.
      const raced = error instanceof EmbeddedError && error.problem === 'port-taken';
      if (!raced || wish.port !== undefined || attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function choosePort(server: EmbeddedServer, wish: ServerWish): Promise<number> {
  const port = wish.port ?? (await server.memory.read())?.port;
  if (port !== undefined && (await isPortFree(port))) return port;
  if (wish.port === undefined) return findFreePort();
  throw new EmbeddedError(
    'port-taken',
    `Port ${wish.port} of ${LOOPBACK}, wanted for ${server.name}, is taken by another program. ` +
      'End that program or choose another port.',
  );
}

function settingsDiffer(
  server: EmbeddedServer,
  settings: ServerSettings | undefined,
  others: readonly number[],
): EmbeddedError {
  const now = settings ? `port ${settings.port}, durable ${settings.durable}` : 'unknown settings';
  return new EmbeddedError(
    'settings-differ',
    `${server.name} runs with other settings (${now}) for process ${others.join(', ')}. End that ` +
      'process first, or ask for the same settings.',
  );
}
