import { readFile } from 'node:fs/promises';
import type { Lab, LabRule } from '@diaken/lab';
import type { Stop } from './stop';

/** Longer than any test keeps a call, ms. */
const LONGEST_MS = 300_000;
/** `st` of /proc/net/tcp for a connection that is open. */
const ESTABLISHED = '01';

let lastRule = 0;

/** A rule of the lab that holds one call. */
export type HeldCall = Omit<LabRule, 'id' | 'count' | 'ms'> & {
  readonly action: 'hold-before' | 'hold-after';
};

/** Holds the next call that is like this; then it is done even if its worker is dead. */
export async function stopAtCall({ rules }: Pick<Lab, 'rules'>, call: HeldCall): Promise<Stop> {
  const id = `fault-${++lastRule}`;
  await rules.add({ ...call, id, count: 1, ms: LONGEST_MS });
  return {
    isReached: async () => (await rules.held()).some(({ rule }) => rule === id),
    letGo: () => rules.release(id),
  };
}

/** Makes the next task of this kind last so long, and stops nothing else. */
export async function prolongTask(
  { rules }: Pick<Lab, 'rules'>,
  task: Pick<LabRule, 'method' | 'contains' | 'ms'>,
): Promise<void> {
  await rules.add({ ...task, action: 'task-delay', count: 1 });
}

/** Silences a guest; reached once somebody is connected to it, to whom it says nothing. */
export async function stopAtGuest(
  { guests, sshPort }: Pick<Lab, 'guests' | 'sshPort'>,
  hostname: string,
  address: string,
): Promise<Stop> {
  await guests.stop(hostname);
  return {
    isReached: () => isConnectedTo(address, sshPort),
    letGo: () => guests.continue(hostname),
  };
}

/** Whether some process here has a connection to this place; asking the guest itself would be one. */
async function isConnectedTo(address: string, port: number): Promise<boolean> {
  const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');
  const bytes = address.split('.').reverse().map(Number);
  const remote = `${bytes.map((byte) => hex(byte, 2)).join('')}:${hex(port, 4)}`.toUpperCase();
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n');
  return lines.some((line) => {
    const [, , to, state] = line.trim().split(/\s+/);
    return to === remote && state === ESTABLISHED;
  });
}
