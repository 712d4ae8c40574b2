import { open } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { isErrnoException } from '../errno';

/**
 * The Python that Ansible runs on: what the first line of `ansible-playbook` names. The fallback where that is no
 * Python, as when a program of the operator’s stands in front of it.
 */
export async function ansiblePython(ansiblePlaybook: string, fallback: string): Promise<string> {
  for (const path of candidates(ansiblePlaybook)) {
    const line = await firstLine(path);
    if (line !== undefined) {
      return /^#!\s*(\/\S*python[\d.]*)\s*$/.exec(line)?.[1] ?? fallback;
    }
  }
  return fallback;
}

function candidates(program: string): readonly string[] {
  return isAbsolute(program)
    ? [program]
    : (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
}

async function firstLine(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
    return buffer.subarray(0, bytesRead).toString('latin1').split('\n')[0];
  } catch (error) {
    if (isErrnoException(error, 'ENOENT', 'ENOTDIR', 'EACCES')) {
      return undefined; // not in this folder of the PATH
    }
    throw error;
  }
}
