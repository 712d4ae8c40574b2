import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Counts how often Ansible was really started: a program that stands in front of `ansible-playbook` on the PATH. */
export class PlayCounter {
  private constructor(
    private readonly file: string,
    /** The PATH for workers whose plays are to be counted. */
    readonly path: string,
  ) {}

  static async make(folder: string): Promise<PlayCounter> {
    const programs = join(folder, 'counted-programs');
    const file = join(programs, 'started');
    await mkdir(programs, { recursive: true });
    await writeFile(file, '');
    const real = execFileSync('/bin/sh', ['-c', 'command -v ansible-playbook']).toString().trim();
    // A play's HOME is in the folder that is named after its run, its step and its playbook.
    const program = `#!/bin/sh\necho "$HOME" >>'${file}'\nexec '${real}' "$@"\n`;
    await writeFile(join(programs, 'ansible-playbook'), program, { mode: 0o755 });
    return new PlayCounter(file, [programs, process.env['PATH']].join(delimiter));
  }

  /** How often plays of a step were started for a run. */
  async startsOf(runId: string, step: string): Promise<number> {
    const lines = (await readFile(this.file, 'utf8')).split('\n');
    return lines.filter((line) => line.includes(`/${runId}.${step}.`)).length;
  }
}
