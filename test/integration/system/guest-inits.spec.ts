import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type DeploymentInput,
  HostView,
  RunAccepted,
  RunView,
  TemplateProfileView,
} from '@diaken/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  deploy,
  finished,
  logOf,
  machineInput,
  type Needed,
  onGuest,
  registerLab,
} from '../../support/machines';
import { ROOT, startSystem, type System } from '../../support/system';

const STAGED = '127.77.122.9';

let system: System;
let needed: Needed;
beforeAll(async () => {
  system = await startSystem({
    lab: { dhcpNetwork: '127.77.123.0/24', stagingAddress: STAGED },
  });
  needed = await registerLab(system);
  await profile('debian-12', { guestInit: 'cloud-init' });
  await profile('rocky-9', { guestInit: 'cloud-init', osFamily: 'redhat', address: 'dhcp' });
  const staged = { guestInit: 'staging-address', stagingAddress: STAGED };
  await profile('debian-12-staging', staged);
  await profile('ubuntu-24-staging', staged);
  await profile('rocky-9-staging', { ...staged, osFamily: 'redhat' });
});
afterAll(() => system?.stop());

function profile(template: string, settings: object): Promise<TemplateProfileView> {
  const input = { vcenterId: needed.vcenterId, template, ...settings };
  return system.client.post('template-profiles', input, TemplateProfileView);
}

/** A request for a machine from the template, with a network that is neither /24 nor begins with its gateway. */
function inputFor(template: string, hostname: string, address: string): DeploymentInput {
  const network = {
    ...{ address, cidr: '127.77.120.0/21', gateway: '127.77.127.254' },
    ...{ dns: ['127.77.120.53', '127.77.121.53'], domain: 'example.net' },
  };
  return machineInput(needed, system.lab, { hostname, template, network });
}

const deployed = async (input: DeploymentInput): Promise<RunView> =>
  finished(system.client, await deploy(system.client, input));

/** What the machine at the address says of itself. */
const askGuest = async (address: string) => {
  const [name, uuid, addresses, gateway] = (
    await onGuest(
      system,
      address,
      'hostname; cat /sys/class/dmi/id/product_uuid; ip -4 addr show eth0; ip route show default',
    )
  )
    .split('\n')
    .filter((line) => !/^\d:|link\/ether/.test(line))
    .map((line) => line.trim());
  return { name, uuid, addresses, gateway };
};

/** That the run made the machine that answers there, and it is what was asked for. */
async function expectRight(run: RunView, hostname: string, address: string): Promise<void> {
  expect(run.failure).toBeNull();
  const { machine } = run.result as { machine: { biosUuid: string } };
  expect(await askGuest(address)).toEqual({
    ...{ name: hostname, uuid: machine.biosUuid },
    addresses: `inet ${address}/21 scope global eth0`,
    gateway: expect.stringContaining('via 127.77.127.254 dev eth0'),
  });
  const host = await system.client.get(`hosts/${String(run.result['hostId'])}`, HostView);
  expect(host).toMatchObject({ name: hostname, address });
}

/** Plays the playbook that gives a guest its address on one that has it; answers Ansible's recap. */
async function playAgain(address: string, biosUuid: string): Promise<string> {
  const variables = {
    ...{ diaken_product_uuids: [biosUuid], diaken_staging: STAGED, diaken_address: address },
    ...{ diaken_prefix: 21, diaken_gateway: '127.77.127.254', diaken_domain: 'example.net' },
    diaken_dns: ['127.77.120.53', '127.77.121.53'],
  };
  const { stdout } = await promisify(execFile)(
    'ansible-playbook',
    [
      ...['-i', `${address},`, '-u', 'root', '--private-key', system.keyFile],
      ...['-e', JSON.stringify({ ...variables, ansible_port: system.lab.sshPort })],
      join(ROOT, 'libs/ansible/playbooks/address-linux.yml'),
    ],
    { env: { ...process.env, ANSIBLE_HOST_KEY_CHECKING: 'False', ANSIBLE_NOCOLOR: '1' } },
  );
  return stdout;
}

const doneIn = ({ steps }: RunView) =>
  steps.filter(({ status }) => status === 'success').map(({ name }) => name);

describe('a template with cloud-init', () => {
  it('gets name, address and key from guestinfo, without a customization', async () => {
    const before = (await system.lab.rules.calls())['CustomizeVM_Task'] ?? 0;
    const run = await deployed(inputFor('debian-12', 'cloud-01', '127.77.121.1'));
    await expectRight(run, 'cloud-01', '127.77.121.1');
    expect((await system.lab.rules.calls())['CustomizeVM_Task'] ?? 0).toBe(before);
    const seen = await onGuest(system, '127.77.121.1', 'cat /etc/ssh/lab_authorized_keys');
    expect(seen.split('\n')).toHaveLength(1);
    const resolver = await onGuest(system, '127.77.121.1', 'cat /etc/resolv.conf');
    expect(resolver.split('\n')).toEqual([
      ...['search example.net', 'nameserver 127.77.120.53', 'nameserver 127.77.121.53'],
    ]);
  });

  it('may ask DHCP for its address', async () => {
    const { network, ...input } = inputFor('rocky-9', 'cloud-02', '');
    const run = await deployed({ ...input, network: { portGroup: network.portGroup } });
    expect(run.failure).toBeNull();
    const address = String(run.result['address']);
    expect(address).toMatch(/^127\.77\.123\./);
    expect((await askGuest(address)).name).toBe('cloud-02');
  });
});

describe('a template that boots on an address of its own', () => {
  it.each([
    {
      ...{ template: 'debian-12-staging', hostname: 'staged-01', address: '127.77.121.11' },
      ...{ command: 'ifup eth0', file: '/etc/resolv.conf' },
    },
    {
      ...{ template: 'ubuntu-24-staging', hostname: 'staged-02', address: '127.77.121.12' },
      ...{ command: 'netplan apply', file: '/etc/netplan/90-diaken.yaml' },
    },
    {
      ...{ template: 'rocky-9-staging', hostname: 'staged-03', address: '127.77.121.13' },
      command: 'nmcli connection up eth0',
      file: '/etc/NetworkManager/system-connections/eth0.nmconnection',
    },
  ])('is given another by $command, and keeps it', async (guest) => {
    const { template, hostname, address, command, file } = guest;
    const run = await deployed(inputFor(template, hostname, address));
    await expectRight(run, hostname, address);
    expect(doneIn(run)).toEqual(expect.arrayContaining(['readdress-guest', 'meet-at-address']));
    const commands = await onGuest(system, address, 'cat /var/log/lab-commands.log');
    expect(commands.split('\n')).toContain(command);
    const settings = await onGuest(system, address, `cat ${file}`);
    expect(settings).toMatch(/127\.77\.120\.53[^]*127\.77\.121\.53/);
    expect(settings).toContain('example.net');
    const { machine } = run.result as { machine: { biosUuid: string } };
    expect(await playAgain(address, machine.biosUuid)).toMatch(/changed=0 .*failed=0/);
  });

  it('ends as two right machines when two are asked for at once', async () => {
    const wanted = [
      ['twin-01', '127.77.121.21'],
      ['twin-02', '127.77.121.22'],
    ] as const;
    const runs = await Promise.all(
      wanted.map(([hostname, address]) =>
        deployed(inputFor('debian-12-staging', hostname, address)),
      ),
    );
    for (const [index, [hostname, address]] of wanted.entries()) {
      await expectRight(runs[index] as RunView, hostname, address);
    }
    const begun = runs.map(({ startedAt }) => String(startedAt)).sort();
    const ended = runs.map(({ endedAt }) => String(endedAt)).sort();
    expect(String(begun[1]) >= String(ended[0])).toBe(true);
  });

  it('is moved from the port group that it is configured on to its own', async () => {
    const input = inputFor('ubuntu-24-staging', 'moved-01', '127.77.121.31');
    const network = { ...input.network, stagingPortGroup: 'VM Network' };
    const run = await deployed({ ...input, network });
    await expectRight(run, 'moved-01', '127.77.121.31');
    expect(await logOf(system.client, run.id)).toContain('Network adapter moved to DC0_DVPG0.');
  });

  describe('where another machine has that address', () => {
    let squatter: Server;
    const heard: string[] = [];
    beforeAll(async () => {
      squatter = createServer((socket) => {
        socket.on('data', (chunk) => heard.push(chunk.toString()));
        socket.on('error', () => undefined);
      });
      squatter.listen(system.lab.sshPort, STAGED);
      await once(squatter, 'listening');
    });
    afterAll(() => squatter.close());

    it('is not started, and nothing is said to the other one; freed, it goes on', async () => {
      const { client } = system;
      const run = await deployed(inputFor('debian-12-staging', 'squat-01', '127.77.121.41'));
      expect(run.status).toBe('failed');
      expect(run.failure).toMatchObject({
        ...{ step: 'power-on', code: 'staging-address-taken' },
        message: expect.stringContaining(STAGED),
        remedy: expect.stringContaining('resume'),
      });
      expect(heard).toEqual([]);
      squatter.close();
      await once(squatter, 'close');
      await client.post(`runs/${run.id}/resume`, {}, RunAccepted);
      await expectRight(await finished(client, run.id), 'squat-01', '127.77.121.41');
    });
  });

  it('waits while vCenter reports that address of another machine', async () => {
    const { client } = system;
    const holder = inputFor('debian-12', 'holder-01', STAGED);
    const held = await deployed(holder);
    expect(held.failure).toBeNull();
    const id = await deploy(client, inputFor('debian-12-staging', 'after-01', '127.77.121.51'));
    const message = async () => {
      const { steps } = await client.get(`runs/${id}`, RunView);
      return steps.find(({ name }) => name === 'preflight')?.message;
    };
    await expect.poll(message, { timeout: 60_000, interval: 200 }).toContain('holder-01');
    await onGuest(system, STAGED, 'poweroff').catch(() => undefined); // it ends the connection, too
    await expectRight(await finished(client, id), 'after-01', '127.77.121.51');
  });
});
