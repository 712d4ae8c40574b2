import { BatchRequest, type FieldProblem } from '@diaken/contracts';
import { checked } from '../http/checked';
import { invalid, Refusal } from '../http/refusal';
import { readMachines } from './machines-csv';

/** A batch as it was sent, and what its sender calls each machine: `machines.3`, or `line 5` of a CSV. */
export interface SentBatch {
  readonly batch: BatchRequest;
  readonly nameOf: (place: number) => string;
}

/** Reads a batch from JSON, or from the text of a CSV. Throws a refusal that names every wrong field and its line. */
export async function readBatch(body: unknown): Promise<SentBatch> {
  if (body === undefined) {
    throw invalid([{ path: '', message: WITHOUT_BODY }]);
  }
  if (typeof body !== 'string') {
    const batch = await checked(BatchRequest, body);
    return { batch, nameOf: (place) => `machines.${place}` };
  }
  const records = readMachines(body);
  const nameOf = (place: number) => `line ${records[place]?.line}`;
  try {
    const machines = records.map(({ machine }) => machine);
    return { batch: await checked(BatchRequest, { machines }), nameOf };
  } catch (error) {
    throw error instanceof Refusal ? inLines(error, nameOf) : error;
  }
}

const WITHOUT_BODY =
  'is missing, or neither JSON nor CSV; send one, with the header Content-Type: application/json or text/csv';

/** The same refusal in the words of a CSV: `machines.3.cpus` becomes `line 5.cpus`. */
function inLines({ facts }: Refusal, nameOf: (place: number) => string): Refusal {
  const renamed = ({ path, message }: FieldProblem): FieldProblem => ({
    path: path.replace(/^machines\.(\d+)/, (_all, place: string) => nameOf(Number(place))),
    message,
  });
  return invalid((facts.errors ?? []).map(renamed));
}
