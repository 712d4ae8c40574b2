import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';

/** A repository on this machine, as Git servers have it. */
export class GitRepositoryFixture {
  readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, 'site.git');
    this.git('init', '--quiet', '--initial-branch=main', this.path);
  }

  /** Commits these files, and nothing else; answers the commit. */
  commit(files: Readonly<Record<string, string | Buffer>>): string {
    this.git('-C', this.path, 'rm', '-rq', '--ignore-unmatch', '.');
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, name)), { recursive: true });
      writeFileSync(join(this.path, name), content);
    }
    return this.commitAll();
  }

  /** Commits what is in the folder. */
  commitAll(): string {
    this.git('-C', this.path, 'add', '--all');
    this.git('-C', this.path, 'commit', '--quiet', '--message', 'A change');
    return this.git('-C', this.path, 'rev-parse', 'HEAD').trim();
  }

  git(...argv: readonly string[]): string {
    const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.net'];
    return execFileSync('git', [...author, ...argv], { encoding: 'utf8' });
  }
}

/** Serves a folder of repositories over HTTPS, by git's own program, to one user. */
export class HttpsGitServer {
  private constructor(
    private readonly server: Server,
    /** The authority of its certificate: itself. */
    readonly caPem: string,
  ) {}

  static async start(
    folder: string,
    user: { readonly username: string; readonly password: string },
  ): Promise<HttpsGitServer> {
    const [key, cert] = certificate(folder);
    const expected = Buffer.from(`${user.username}:${user.password}`).toString('base64');
    const server = createServer({ key, cert }, (request, response) => {
      if (request.headers.authorization !== `Basic ${expected}`) {
        response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end();
        return;
      }
      void serve(folder, request, response);
    });
    const listening = once(server, 'listening');
    server.listen(0, '127.0.0.1');
    await listening;
    return new HttpsGitServer(server, cert);
  }

  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await this.server[Symbol.asyncDispose]();
  }
}

function certificate(folder: string): readonly [string, string] {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const name = ['-subj', '/CN=git', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  execFileSync(
    'openssl',
    [...kind, '-nodes', '-keyout', key, '-out', cert, '-days', '2', ...name],
    { stdio: 'ignore' },
  );
  return [readFileSync(key, 'utf8'), readFileSync(cert, 'utf8')];
}

/** Common Gateway Interface, as far as git needs it. */
async function serve(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '', 'https://git');
  const backend = spawn('git', ['-c', 'safe.directory=*', 'http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  });
  request.pipe(backend.stdin);
  const answer = await buffer(backend.stdout);
  const end = answer.indexOf('\r\n\r\n');
  let status = 200;
  for (const line of answer.toString('latin1', 0, end).split('\r\n')) {
    const [name = '', value = ''] = line.split(/: (.*)/s);
    if (name === 'Status') {
      status = Number.parseInt(value, 10);
    } else {
      response.setHeader(name, value);
    }
  }
  response.writeHead(status).end(answer.subarray(end + 4));
}
