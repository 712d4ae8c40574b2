import { expect } from 'vitest';
import { onGuest } from '../support/machines';
import type { System } from '../support/system';
import { processesWith, type Traced } from './cancel-traces';

/** How long a playbook may take to start all its processes, ms. */
const APPEAR_MS = 60_000;

/** What the playbook starts: in the guest, in the background of it, by asynchronous task, and on the controller. */
export const KINDS = ['foreground', 'background', 'detached', 'job', 'controller'] as const;

/** Sleeps in several ways: each process says in its command line which one it is. */
export function playbookOf(marker: string): string {
  const detached = (kind: string) =>
    `setsid sh -c '${sleeper(marker, kind)} &' </dev/null >/dev/null 2>&1`;
  return `---
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.shell: |
        ${sleeper(marker, 'background')} </dev/null >/dev/null 2>&1 &
        ${detached('detached')}
    - ansible.builtin.command: ${sleeper(marker, 'job')}
      async: 900
      poll: 0
    - ansible.builtin.shell: |
        ${detached('controller')}
      delegate_to: localhost
    - ansible.builtin.command: ${sleeper(marker, 'foreground')}
`;
}

function sleeper(marker: string, kind: string): string {
  return `python3 -c "import time; time.sleep(900)" ${marker}-${kind}`;
}

/** Resolves once a process of each kind runs. */
export async function processesAre({ marker }: Traced, kinds: readonly string[]): Promise<void> {
  const missing = async () => {
    const lines = await processesWith([marker]);
    return kinds.filter((kind) => !lines.some((line) => line.trim().endsWith(`${marker}-${kind}`)));
  };
  await expect.poll(missing, { timeout: APPEAR_MS, interval: 50 }).toEqual([]);
}

/** Puts a `hostname` into the guest that holds the base playbook, which asks for it; nobody else is held. */
export async function plantHostname(
  system: System,
  { address, marker }: { readonly address: string; readonly marker: string },
): Promise<void> {
  const script = `#!/bin/sh
case $(cat /proc/$PPID/comm) in python3*) ;; *) exec /usr/bin/hostname "$@" ;; esac
${sleeper(marker, 'background')} </dev/null >/dev/null 2>&1 &
setsid sh -c '${sleeper(marker, 'detached')} &' </dev/null >/dev/null 2>&1
exec ${sleeper(marker, 'foreground')}
`;
  const encoded = Buffer.from(script).toString('base64');
  const file = '/usr/local/bin/hostname';
  await onGuest(system, address, `echo ${encoded} | base64 -d >${file}; chmod 755 ${file}`);
}
