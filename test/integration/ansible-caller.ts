import { readFileSync } from 'node:fs';
import { LocalAnsible, type SshCredential } from '@diaken/ansible';
import type { PlayOrder, PlayPosition } from '@diaken/provisioning';

/** What a worker of these tests is given on its command line, as a file. */
export interface CallerOrder {
  readonly runsFolder: string;
  readonly assetsFolder: string;
  readonly credential: SshCredential;
  readonly order: PlayOrder;
}

/** A worker that does nothing but play, and tells on its output what it hears, so that it can be killed meanwhile. */
const caller: CallerOrder = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const tell = (message: { line: string } | { position: PlayPosition }): void =>
  void process.stdout.write(`${JSON.stringify(message)}\n`);
const { runsFolder, assetsFolder, credential, order } = caller;
const ansible = new LocalAnsible({
  runsFolder,
  assetsFolder,
  credentials: { open: async () => credential },
});
await ansible.play(
  order,
  {
    line: (line) => tell({ line }),
    progress: () => undefined,
    position: (position) => tell({ position }),
  },
  new AbortController().signal,
);
