import type { Holder } from '@diaken/contracts';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import { failed, type Finding, notChecked, ok, unlessItFails } from './finding';
import { addressAnswers, dnsFinding, lookAtNetwork, type NetworkSight } from './network-checks';
import type { Subject } from './subject';
import { NOT_RESOLVED, placementFindings, type Told } from './vcenter-checks';

type Tools = Pick<ProvisioningTools, 'vcenter' | 'addresses' | 'network' | 'guests' | 'playbooks'>;

/** The run that asks: what it holds itself is in nobody's way. */
interface Asking {
  readonly runId: string;
  readonly signal: AbortSignal;
}

/**
 * Makes every check of a request for a machine, in the order of `PREFLIGHT_CHECKS` without the references, and changes
 * nothing. Throws only what no check expects.
 */
export async function checkRequest(
  tools: Tools,
  subject: Subject,
  asking: Asking,
): Promise<readonly Finding[]> {
  const [[login, told], held, seen, credential, playbooks] = await Promise.all([
    lookAtVCenter(tools, subject, asking),
    holders(tools, subject, asking),
    lookAtNetwork(tools.network, subject, asking.signal),
    credentialFinding(tools, subject),
    playbooksFinding(tools, subject, asking),
  ]);
  return [
    ...[login, ...placementFindings(subject, told)],
    ...[nameFinding(subject, held, told), addressFinding(subject, { held, told, seen })],
    dnsFinding(subject, seen),
    ...[credential, playbooks],
  ];
}

/** Whether vCenter answers and lets us in, and what it tells of the placement. */
async function lookAtVCenter(
  { vcenter }: Tools,
  { vcenterId, placement, hostname, network }: Subject,
  { runId, signal }: Asking,
): Promise<readonly [Finding, Told]> {
  const letsIn = ok('vcenter', 'vCenter answers and lets us in.');
  try {
    if (!placement) {
      // Any question tells whether it does.
      await vcenter.findByRun(vcenterId, runId, signal);
      return [letsIn, { because: NOT_RESOLVED }];
    }
    const asked = { name: hostname, address: network.address ?? null };
    return [letsIn, { report: await vcenter.inspect(vcenterId, placement, asked, signal) }];
  } catch (error) {
    if (!(error instanceof ProvisioningFailure)) {
      throw error;
    }
    return [failed('vcenter', error), { because: 'vCenter could not be asked.' }];
  }
}

interface Held {
  readonly hostname: Holder | undefined;
  readonly address: Holder | undefined;
}

async function holders(
  { addresses }: Tools,
  { hostname, network }: Subject,
  { runId }: Asking,
): Promise<Held> {
  const [name, address] = await Promise.all([
    addresses.holder('hostname', hostname),
    network.address === undefined ? undefined : addresses.holder('address', network.address),
  ]);
  const unlessOwn = (holder: Holder | undefined) => (holder?.id === runId ? undefined : holder);
  return { hostname: unlessOwn(name), address: unlessOwn(address) };
}

function nameFinding({ hostname, placement }: Subject, held: Held, told: Told): Finding {
  if (held.hostname) {
    return failed('name', taken('hostname-taken', hostname, held.hostname));
  }
  if (!('report' in told)) {
    return notChecked('name', `Nobody here holds ${hostname}. In vCenter: ${told.because}`);
  }
  if (told.report.problems.folder) {
    return notChecked('name', `Nobody here holds ${hostname}; its folder cannot be looked into.`);
  }
  return told.report.nameTaken
    ? failed('name', nameInVCenter(hostname, placement?.folder.name))
    : ok('name', `${hostname} is free here and in vCenter.`);
}

/** All that is known of an address. */
interface Known {
  readonly held: Held;
  readonly told: Told;
  readonly seen: NetworkSight;
}

function addressFinding(
  { placement, network: { address } }: Subject,
  { held, told, seen }: Known,
): Finding {
  if (address === undefined) {
    return placement
      ? ok('address', 'A DHCP server gives the address.')
      : notChecked('address', 'No network profile has given the machine one: see references.');
  }
  if (held.address) {
    return failed('address', taken('address-taken', address, held.address));
  }
  const reportedBy = 'report' in told ? told.report.addressHolder : null;
  if (reportedBy !== null) {
    return failed('address', addressReported(address, reportedBy));
  }
  if (seen.openPort !== null) {
    return failed('address', addressAnswers(address, seen.openPort));
  }
  return 'report' in told
    ? ok(
        'address',
        `${address} is free here, no machine in vCenter reports it, and nothing answers.`,
      )
    : notChecked('address', `Nobody here holds ${address}. In vCenter: ${told.because}`);
}

function credentialFinding({ guests }: Tools, { credentialId }: Subject): Promise<Finding> {
  return unlessItFails('credential', async () => {
    await guests.tryCredential(credentialId);
    return ok('credential', 'The credential opens. Whether the guest takes it, its login tells.');
  });
}

function playbooksFinding(
  { playbooks }: Tools,
  { playbookIds }: Subject,
  { signal }: Asking,
): Promise<Finding> {
  return unlessItFails('playbooks', async () => {
    const found: string[] = [];
    for (const playbookId of playbookIds) {
      const { name, version } = await playbooks.read(playbookId, signal);
      found.push(`${name}, version ${version}`);
    }
    const which = found.length > 0 ? `: ${found.join('; ')}` : '';
    const count = `(${found.length})`;
    return ok('playbooks', `The library has every playbook that was chosen ${count}${which}.`);
  });
}

function taken(
  code: 'hostname-taken' | 'address-taken',
  value: string,
  { type, name, id }: Holder,
): ProvisioningFailure {
  return new ProvisioningFailure({
    code,
    cause: `${value} is held by the ${type} ${name} (${id}).`,
    remedy: `Choose another one, or free it: ${type === 'run' ? 'roll that run back' : 'remove that host'}.`,
  });
}

function nameInVCenter(hostname: string, folder = ''): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'name-in-vcenter',
    cause: `The folder ${folder} of vCenter already holds a machine called ${hostname}.`,
    remedy: 'Choose another host name, or rename or remove that machine in vCenter.',
  });
}

function addressReported(address: string, machine: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'address-taken',
    cause: `The machine ${machine} in vCenter reports the address ${address}.`,
    remedy: 'Choose another address.',
  });
}
