import type { MachineAddresses } from '@diaken/contracts';
import { stringify } from 'csv-stringify/sync';

const COLUMNS = [
  ...['machine', 'guestHostName', 'power', 'address', 'mac', 'network', 'moRef', 'vcenterId'],
];

/** A CSV with a line for each address, and one for each adapter and each machine without. */
export function toCsv(machines: readonly MachineAddresses[]): string {
  return stringify(machines.flatMap(linesOf), {
    header: true,
    columns: COLUMNS,
    // Names come from guests: a spreadsheet must not take them for formulas.
    escape_formulas: true,
  });
}

function linesOf({ name, adapters, ...machine }: MachineAddresses) {
  const each = adapters.flatMap(({ mac, network, addresses }) =>
    orNothing(addresses).map((address) => ({ mac, network: network?.name, address })),
  );
  return orNothing(each).map((line) => ({ machine: name, ...machine, ...line }));
}

/** The list, or one empty entry for an empty one. */
function orNothing<T>(list: readonly T[]): readonly (T | undefined)[] {
  return list.length > 0 ? list : [undefined];
}
