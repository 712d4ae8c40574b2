import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { HostPage, InventoryPage, LogPage, RunEventList } from '@diaken/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { lookInVCenter } from '../../support/look-in-vcenter';
import { deploy, finished, machineInput, onGuest, storePlaybook } from '../../support/machines';
import { sharedSystem } from '../../support/shared-system';

const MARK = `---
- hosts: all
  gather_facts: false
  tasks:
    - name: Leave a mark
      ansible.builtin.copy:
        dest: /etc/mark
        content: "{{ word }}"
        mode: '0644'
    - name: Reboot
      ansible.builtin.reboot:
        reboot_timeout: 60
`;

describe('a deployment', () => {
  let system: Awaited<ReturnType<typeof sharedSystem>>;
  beforeAll(async () => {
    system = await sharedSystem();
  });

  it('makes the machine that was asked for, and touches nothing else', async () => {
    const { client, needed, lab } = system;
    const before = await machineHere();
    const playbookId = await storePlaybook(client, 'Leave a mark', MARK);
    const input = machineInput(needed, lab, {
      hostname: 'main-01',
      cpus: 3,
      memoryMb: 1536,
      diskGb: 20,
      network: { address: '127.77.40.1', stagingPortGroup: 'VM Network', domain: 'lab.example' },
      playbookIds: [playbookId],
      extraVars: { word: 'hello' },
    });
    const run = await finished(client, await deploy(client, input));

    expect(run.failure).toBeNull();
    expect(run.status).toBe('success');
    expect(run.progress).toBe(1);
    expect(run.steps.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'preflight success',
      'reserve-address success',
      'clone-template success',
      'configure-hardware success',
      'customize-guest success',
      'power-on success',
      'wait-for-address success',
      'wait-for-port skipped',
      'wait-for-login success',
      'readdress-guest skipped',
      'meet-at-address skipped',
      'configure-guest success',
      'change-network success',
      'verify-machine success',
      'register-host success',
      'run-playbooks success',
      'notify success',
    ]);

    // vCenter has it: under the run's id, with the hardware, the network and the address asked for.
    const inVCenter = await lookInVCenter(system, run.id);
    expect(inVCenter.machine?.instanceUuid).toBe(run.id);
    expect(inVCenter.state).toMatchObject({
      name: 'main-01',
      poweredOn: true,
      hostName: 'main-01',
      cpus: 3,
      memoryMb: 1536,
      adapters: [{ addresses: ['127.77.40.1'] }],
    });
    const { items: networks } = await client.get(
      `vcenters/${needed.vcenterId}/inventory?kind=network&name=DC0_DVPG0`,
      InventoryPage,
    );
    expect(inVCenter.state?.adapters[0]?.portGroup).toBe(networks[0]?.moRef);
    const uuid = await onGuest(system, '127.77.40.1', 'cat /sys/class/dmi/id/product_uuid');
    expect(uuid.toLowerCase()).toBe(inVCenter.machine?.biosUuid);

    // The guest is the machine: its name, what both playbooks did, and after a reboot still.
    expect(await onGuest(system, '127.77.40.1', 'hostname -s; cat /etc/mark')).toBe(
      'main-01\nhello',
    );
    expect(await onGuest(system, '127.77.40.1', 'cat /etc/ansible/facts.d/diaken.fact')).toContain(
      run.id,
    );

    // It is in the inventory of hosts, with the identity that vCenter knows.
    const { items } = await client.get('hosts?name=main-01', HostPage);
    expect(items).toMatchObject([
      { name: 'main-01', address: '127.77.40.1', createdByRun: run.id, vmInstanceUuid: run.id },
    ]);

    // Per-host results, events and the log are kept.
    expect(run.hosts.map(({ playbook, host, failed }) => [playbook, host, failed])).toEqual([
      ['base-linux', 'main-01', 0],
      ['Leave a mark', 'main-01', 0],
    ]);
    const events = await client.get(`runs/${run.id}/events?limit=1000`, RunEventList);
    expect(events.items.at(-1)?.body).toEqual({ status: 'success' });
    const log = await client.get(`runs/${run.id}/log?limit=5000`, LogPage);
    expect(log.items.map(({ line }) => line)).toEqual(log.items.map((_line, index) => index + 1));
    expect(log.total).toBe(log.items.length);
    expect(log.items.filter(({ text }) => text.includes('PLAY RECAP'))).toHaveLength(2);

    expect(await machineHere()).toEqual(before);
  });

  it('makes twenty machines at once, each with its own name and address', async () => {
    const { client, needed, lab } = system;
    const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
    const ids = await Promise.all(
      numbers.map((number) =>
        deploy(
          client,
          machineInput(needed, lab, {
            hostname: `many-${number}`,
            network: { address: `127.77.41.${number}` },
          }),
        ),
      ),
    );
    const runs = await Promise.all(ids.map((id) => finished(client, id)));
    expect(runs.map(({ failure }) => failure)).toEqual(numbers.map(() => null));
    const names = await Promise.all(
      numbers.map((number) => onGuest(system, `127.77.41.${number}`, 'hostname -s')),
    );
    expect(names).toEqual(numbers.map((number) => `many-${number}`));
  });
});

/** What a playbook that escapes from its guest would change here. */
async function machineHere(): Promise<string> {
  const script =
    'hostname; cat /proc/sys/kernel/random/boot_id; ls -lR --time-style=full-iso /etc | sha256sum';
  const { stdout } = await promisify(execFile)('sh', ['-c', script]);
  return stdout;
}
