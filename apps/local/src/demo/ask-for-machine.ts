import { type DeploymentInput, RunAccepted } from '@diaken/contracts';
import type { Lab } from '@diaken/lab';
import { type Prepared } from './prepare';
import { ProblemAnswer, type RestClient } from '@diaken/client';

/** Names that are tried before the demo gives up. */
const MOST_MACHINES = 200;

/** The machine that was asked for, and its run. */
export interface AskedMachine {
  readonly runId: string;
  readonly hostname: string;
  readonly address: string;
}

/** Asks for a machine under the first name and address that are free. */
export async function askForMachine(
  client: RestClient,
  lab: Lab,
  prepared: Prepared,
): Promise<AskedMachine> {
  for (let number = 1; number <= MOST_MACHINES; number++) {
    const address = `127.77.1.${number}`;
    const hostname = `demo-${String(number).padStart(2, '0')}`;
    const request = { ...requestFor(lab, prepared, address), hostname };
    try {
      const { id } = await client.post('deployments', request, RunAccepted);
      return { runId: id, hostname, address };
    } catch (error) {
      const isTaken = error instanceof ProblemAnswer && error.problem.status === 409;
      if (!isTaken) {
        throw error;
      }
    }
  }
  throw new Error('Every name of the demo is taken. Remove the data folder (.data) to start anew.');
}

function requestFor(
  lab: Lab,
  prepared: Prepared,
  address: string,
): Omit<DeploymentInput, 'hostname'> {
  const { playbookId, ...ids } = prepared;
  return {
    ...ids,
    template: 'debian-12',
    cluster: 'DC0_C0',
    datastore: 'LocalDS_0',
    cpus: 2,
    memoryMb: 2048,
    network: {
      portGroup: 'DC0_DVPG0',
      stagingPortGroup: 'VM Network',
      cidr: '127.77.0.0/16',
      address,
      gateway: '127.77.0.1',
      dns: ['127.77.0.2'],
      domain: 'demo.example',
    },
    sshPort: lab.sshPort,
    playbookIds: [playbookId],
    extraVars: { greeting: 'it was made by Diaken' },
  };
}
