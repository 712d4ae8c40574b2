import { readFileSync } from 'node:fs';
import { LocalAnsible, type SshCredential } from '@diaken/ansible';
import { Interruption, StepFailure } from '@diaken/pipeline';
import type { PlayOrder, PlayPosition, PlayResult } from '@diaken/provisioning';

/** What a worker of these tests is given on its command line, as a file. */
export interface CallerOrder {
  readonly runsFolder: string;
  readonly assetsFolder: string;
  readonly credential: SshCredential;
  readonly order: PlayOrder;
  readonly diskPatienceSeconds?: number;
}

/** What such a worker says on its output, as lines of JSON. */
export interface CallerMessage {
  readonly line?: string;
  readonly position?: PlayPosition;
  readonly result?: PlayResult;
  readonly failure?: {
    readonly name: string;
    readonly code: string;
    readonly message: string;
    readonly transient?: boolean;
  };
}

/**
 * A worker that does nothing but play, and tells on its output what it hears, so that it can be killed meanwhile.
 * SIGUSR2 cancels the play.
 */
const caller: CallerOrder = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const tell = (message: CallerMessage): void =>
  void process.stdout.write(`${JSON.stringify(message)}\n`);
const { credential, order, ...options } = caller;
const ansible = new LocalAnsible({ ...options, credentials: { open: async () => credential } });
const cancel = new AbortController();
process.on('SIGUSR2', () => cancel.abort(new Interruption('cancelled')));
const listener = {
  line: (line: string) => tell({ line }),
  progress: () => undefined,
  position: (position: PlayPosition) => tell({ position }),
};
try {
  tell({ result: await ansible.play(order, listener, cancel.signal) });
} catch (error) {
  if (!(error instanceof StepFailure || error instanceof Interruption)) {
    throw error;
  }
  const { name, code, message } = error;
  const transient = error instanceof StepFailure && error.transient;
  tell({ failure: { name, code, message, transient } });
}
