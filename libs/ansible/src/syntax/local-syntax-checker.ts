import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import {
  ProvisioningFailure,
  SyntaxChecker,
  type SyntaxVerdict,
  type TextToCheck,
} from '@diaken/provisioning';
import { isErrnoException } from '../errno';
import { below } from '../playbook-files';
import { cleanEnvironment } from '../supervisor';
import { needingRoom } from '../worker-disk';
import { ansiblePython } from './ansible-python';
import { ansibleComplaint, FINE, printedComplaint, shellComplaint, unchecked } from './complaints';
import { type CheckEnding, type Exited, runCheck } from './run-check';

/** Folders that a worker which died has left are removed after this, milliseconds. */
const FORGOTTEN_MS = 60 * 60_000;

/** PowerShell reads the script whose path it is given, and runs nothing of it. */
const READ_POWERSHELL = `
$errors = $null
[void][System.Management.Automation.Language.Parser]::ParseFile($env:DIAKEN_TEXT, [ref]$null, [ref]$errors)
$errors | Select-Object -First 1 | ForEach-Object {
  @{ message = $_.Message; line = $_.Extent.StartLineNumber } | ConvertTo-Json -Compress
}`;

/** Where checks are made, and what makes them. */
export interface SyntaxCheckerOptions {
  /** Folder for the checks' own folders: absolute, the worker's own, made when missing. */
  readonly checksFolder: string;
  /** Folder that holds `python/`, absolute. */
  readonly assetsFolder: string;
  /** Default: the one on the PATH. */
  readonly ansiblePlaybook?: string;
  /** Default: the one on the PATH. */
  readonly pwsh?: string;
}

/** Checks texts on this machine, in a folder of their own that goes afterwards. */
export class LocalSyntaxChecker extends SyntaxChecker {
  constructor(private readonly options: SyntaxCheckerOptions) {
    super();
  }

  override async check(text: TextToCheck, signal: AbortSignal): Promise<SyntaxVerdict> {
    const { checksFolder } = this.options;
    const folder = await needingRoom(checksFolder, () => this.prepare(text));
    try {
      return await this.judge(text, folder, signal);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async prepare({ content, path, files = {} }: TextToCheck): Promise<string> {
    const { checksFolder } = this.options;
    await mkdir(checksFolder, { recursive: true, mode: 0o700 });
    await removeForgotten(checksFolder);
    const folder = await mkdtemp(join(checksFolder, 'check-'));
    await Promise.all(['home', 'tmp'].map((name) => mkdir(join(folder, name))));
    await writeFile(join(folder, 'ansible.cfg'), '[defaults]\n');
    for (const [name, text] of Object.entries(files)) {
      const file = below(folder, `text/${name}`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { mode: 0o600 });
    }
    await mkdir(dirname(textIn(folder, path)), { recursive: true });
    await writeFile(textIn(folder, path), content, { mode: 0o600 });
    return folder;
  }

  private judge(
    { language, content, path }: TextToCheck,
    folder: string,
    signal: AbortSignal,
  ): Promise<SyntaxVerdict> {
    switch (language) {
      case 'playbook':
      case 'jinja2':
        return this.withAnsible(language, { folder, path }, signal);
      case 'sh':
        return inShell(content, folder, signal);
      case 'ps1':
        return this.inPowerShell(folder, signal);
    }
  }

  private async withAnsible(
    language: 'playbook' | 'jinja2',
    { folder, path }: { readonly folder: string; readonly path: string | undefined },
    signal: AbortSignal,
  ): Promise<SyntaxVerdict> {
    const { ansiblePlaybook = 'ansible-playbook', assetsFolder } = this.options;
    const python = await ansiblePython(ansiblePlaybook, '/usr/bin/python3');
    const script = join(assetsFolder, 'python/check_syntax.py');
    const kind = language === 'playbook' ? 'playbook' : 'template';
    const ending = await runCheck(
      { argv: [python, '-B', script, kind, folder, textIn(folder, path)], ...surroundings(folder) },
      signal,
    );
    const { code, out, err } = exited(ending, python);
    if (/No module named '?(ansible|jinja2)/.test(err)) {
      throw notPossible(`${python} has no Ansible`);
    }
    if (code !== 0) {
      return ansibleComplaint(err, join(folder, 'text'));
    }
    return kind === 'playbook' ? FINE : printedComplaint(out);
  }

  private async inPowerShell(folder: string, signal: AbortSignal): Promise<SyntaxVerdict> {
    const { pwsh = 'pwsh' } = this.options;
    const { env, cwd } = surroundings(folder);
    const argv = [pwsh, '-NoProfile', '-NonInteractive', '-Command', READ_POWERSHELL] as const;
    const told = { ...env, DIAKEN_TEXT: textIn(folder) };
    const ending = await runCheck({ argv, cwd, env: told }, signal);
    if (ending.how === 'not-there') {
      return unchecked('The worker has no PowerShell (pwsh) to check it with.');
    }
    const { code, out } = exited(ending, pwsh);
    return code === 0 ? printedComplaint(out) : unchecked(`${pwsh} ended with ${code}.`);
  }
}

async function inShell(
  content: string,
  folder: string,
  signal: AbortSignal,
): Promise<SyntaxVerdict> {
  const [, named] = /^#!\s*(?:\/usr\/bin\/env\s+)?(\S+)/.exec(content) ?? [];
  const shell = named?.split('/').at(-1) ?? 'sh';
  if (!['sh', 'dash', 'bash'].includes(shell)) {
    return unchecked(`Scripts for ${shell} are not checked.`);
  }
  const argv = [shell, '-n', textIn(folder)] as const;
  const ending = await runCheck({ argv, ...surroundings(folder) }, signal);
  if (ending.how === 'not-there') {
    return unchecked(`The worker has no ${shell} to check it with.`);
  }
  const { code, err } = exited(ending, shell);
  return code === 0 ? FINE : shellComplaint(err);
}

function textIn(folder: string, path = 'text.yml'): string {
  return below(folder, `text/${path}`);
}

/** No configuration, home or secrets but the folder's own. */
function surroundings(folder: string) {
  const env = {
    ...cleanEnvironment(),
    HOME: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
    ANSIBLE_CONFIG: join(folder, 'ansible.cfg'),
    ANSIBLE_HOME: join(folder, 'home/.ansible'),
    ANSIBLE_LOCAL_TEMP: join(folder, 'tmp'),
    ANSIBLE_NOCOLOR: '1',
  };
  return { cwd: join(folder, 'home'), env };
}

function exited(ending: CheckEnding, program: string): Exited {
  if (ending.how === 'not-there') {
    throw notPossible(`${program} is not there`);
  }
  return ending;
}

function notPossible(why: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'check-not-possible',
    cause: `The worker ${hostname()} cannot check it: ${why}.`,
    remedy: 'Install Ansible on the worker as its documentation says, and resume the run.',
  });
}

async function removeForgotten(checksFolder: string): Promise<void> {
  for (const name of await readdir(checksFolder)) {
    const folder = join(checksFolder, name);
    if ((await modified(folder)) < Date.now() - FORGOTTEN_MS) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function modified(folder: string): Promise<number> {
  try {
    return (await stat(folder)).mtimeMs;
  } catch (error) {
    if (isErrnoException(error, 'ENOENT')) {
      return Date.now(); // its check has just ended
    }
    throw error;
  }
}
