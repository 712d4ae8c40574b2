import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from './lab-error';

/** Where Debian puts the sources of Go libraries. */
const GO_PATH = '/usr/share/gocode';
const GOVMOMI = join(GO_PATH, 'src/github.com/vmware/govmomi/simulator');
const INSTALL =
  'apt-get install --no-install-recommends golang-go golang-github-vmware-govmomi-dev';

/**
 * Path of the simulator's program. Built from `test/lab/vcenter` when these very sources have not
 * been built before; the program's name holds their hash, so that several processes may ask at once.
 */
export async function simulatorProgram(root: string): Promise<string> {
  const sources = join(root, 'test/lab/vcenter');
  const folder = join(root, '.data/lab/bin');
  const program = join(folder, `vcenter-${await hashOf(sources)}`);
  if (existsSync(program)) {
    return program;
  }
  if (!existsSync(GOVMOMI)) {
    throw new LabError(`govmomi's simulator is not installed (${GOVMOMI})`, INSTALL);
  }
  await mkdir(folder, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  await build(sources, unfinished);
  await rename(unfinished, program);
  await removeOthers(folder, program);
  return program;
}

async function hashOf(sources: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await sourceFiles(sources)) {
    hash.update(`${file}\0`).update(await readFile(join(sources, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function sourceFiles(sources: string): Promise<readonly string[]> {
  const files = await readdir(sources);
  return files.filter((file) => file.endsWith('.go')).sort();
}

function build(sources: string, program: string): Promise<void> {
  const go = spawn('go', ['build', '-buildvcs=false', '-ldflags=-s -w', '-o', program, '.'], {
    cwd: sources,
    env: { ...process.env, GO111MODULE: 'off', GOPATH: GO_PATH, GOFLAGS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const complaints: Buffer[] = [];
  go.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  return new Promise((resolve, reject) => {
    go.on('error', (error) => {
      reject(new LabError('the Go compiler cannot be started', INSTALL, { cause: error }));
    });
    go.on('close', (code) => {
      if (code === 0) {
        resolve();
        return;
      }
      const output = Buffer.concat(complaints).toString('utf8').trim();
      reject(new LabError(`go build failed:\n${output}`, `mend ${sources}, or ${INSTALL}`));
    });
  });
}

/** Programs of older sources; one that is running stays usable, for it is only unlinked. */
async function removeOthers(folder: string, program: string): Promise<void> {
  for (const file of await readdir(folder)) {
    const path = join(folder, file);
    if (/^vcenter-[0-9a-f]{16}$/.test(file) && path !== program) {
      await rm(path, { force: true });
    }
  }
}
