import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitRepository, GitSource, type GitTree } from '@diaken/provisioning';
import type { CredentialDirectory } from '../credential-directory';
import { needingRoom } from '../worker-disk';
import { type GitAccess, prepareAccess, shownHostKey } from './git-access';
import { type GitCommand, runGit } from './git-command';
import { gitFailure, tooLarge } from './git-failure';
import { isText, readEntries, readObjects, type TreeEntry } from './tree-entries';

/** What a project may have: files, bytes of one, and bytes of all. */
const MOST_FILES = 5_000;
const LARGEST_FILE = 1024 * 1024;
const MOST_BYTES = 10 * 1024 * 1024;

/** Neither hooks nor helpers of anybody, and no waiting for a server that has fallen silent. */
const SETTINGS = [
  ...['core.hooksPath=/dev/null', 'credential.helper=', 'transfer.fsckObjects=true'],
  ...['http.lowSpeedLimit=1', 'http.lowSpeedTime=30', 'protocol.version=2', 'gc.auto=0'],
].flatMap((setting) => ['-c', setting]);

/** Where repositories are fetched to. */
export interface GitSourceOptions {
  /** Folder for what is fetched: absolute, the worker's own, made when missing. */
  readonly fetchFolder: string;
  readonly credentials: CredentialDirectory;
}

/** Fetches with the git program, into a bare repository that goes afterwards: nothing is ever checked out. */
export class LocalGitSource extends GitSource {
  constructor(private readonly options: GitSourceOptions) {
    super();
  }

  override async fetch(repository: GitRepository, signal: AbortSignal): Promise<GitTree> {
    const { fetchFolder, credentials } = this.options;
    const { credentialId } = repository;
    const credential = credentialId === null ? undefined : await credentials.open(credentialId);
    const folder = await needingRoom(fetchFolder, async () => {
      await mkdir(fetchFolder, { recursive: true, mode: 0o700 });
      return mkdtemp(join(fetchFolder, 'fetch-'));
    });
    try {
      const access = await prepareAccess(folder, repository, credential);
      return await new Fetch(folder, repository, access, signal).tree();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** One fetch into a folder of its own. */
class Fetch {
  constructor(
    private readonly folder: string,
    private readonly repository: GitRepository,
    private readonly access: GitAccess,
    private readonly signal: AbortSignal,
  ) {}

  async tree(): Promise<GitTree> {
    const { url, ref } = this.repository;
    const { prefix, secrets } = this.access;
    await this.git({ argv: ['init', '--quiet', '--bare', '.'] });
    const fetching = ['fetch', '--quiet', '--depth=1', '--no-tags', '--', url, ref];
    await this.git({ argv: fetching, ...secrets }, prefix);
    const commit = await this.git({ argv: ['rev-parse', '--verify', 'FETCH_HEAD^{commit}'] });
    const listing = await this.git({ argv: ['ls-tree', '-r', '-z', '-l', 'FETCH_HEAD'] });
    return {
      commit: commit.toString('utf8').trim(),
      ...(await this.contents(readEntries(listing))),
      hostKey: await shownHostKey(this.folder, this.repository),
    };
  }

  private async contents(
    entries: readonly TreeEntry[],
  ): Promise<Pick<GitTree, 'files' | 'leftOut'>> {
    const wanted = entries.filter(({ isFile, size }) => isFile && size <= LARGEST_FILE);
    const bytes = wanted.reduce((sum, { size }) => sum + size, 0);
    if (wanted.length > MOST_FILES || bytes > MOST_BYTES) {
      const most = `${MOST_FILES} files and ${MOST_BYTES} bytes are the most`;
      throw tooLarge(this.repository, `${wanted.length} files of ${bytes} bytes; ${most}`);
    }
    const input = wanted.map(({ object }) => `${object}\n`).join('');
    const objects = readObjects(await this.git({ argv: ['cat-file', '--batch'], input }), wanted);
    const texts = wanted.flatMap(({ path }, at) => {
      const content = objects[at];
      return content && isText(content) ? [[path, content.toString('utf8')] as const] : [];
    });
    const files = Object.fromEntries(texts);
    return { files, leftOut: entries.map(({ path }) => path).filter((path) => !(path in files)) };
  }

  private async git(
    { argv, ...given }: Pick<GitCommand, 'argv' | 'input' | 'answers'>,
    prefix: readonly string[] = [],
  ): Promise<Buffer> {
    const command = [...prefix, 'git', ...SETTINGS, ...argv];
    const surroundings = { env: this.access.env, cwd: this.folder };
    const ending = await runGit({ ...given, ...surroundings, argv: command }, this.signal);
    if (ending.code !== 0) {
      throw gitFailure(this.repository, ending);
    }
    return ending.out;
  }
}
