import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type Lab } from './index';
import { cloneMachine, cloneParameters, destroy } from './testing/machines';
import { answers, execute, SshClient, until } from './testing/shell';
import { element, SoapSession, type Ref } from './testing/soap';

const ROOT = resolve(import.meta.dirname, '../../..');
const TEST_TIMEOUT_MS = 60_000;

let stateFolder: string;
let lab: Lab;
let session: SoapSession;
let ssh: SshClient;

async function startTestLab(folder: string): Promise<Lab> {
  const started = await startLab({
    root: ROOT,
    stateFolder: folder,
    taskTimeMs: 40,
    addressAfterMs: 0,
  });
  await started.authorize(ssh.publicKey);
  return started;
}

beforeAll(async () => {
  ssh = await SshClient.make(process.getuid?.() === 0 ? 22 : 2222);
  stateFolder = await mkdtemp(join(tmpdir(), 'lab-'));
  lab = await startTestLab(stateFolder);
  session = await SoapSession.login(lab);
}, 180_000);

afterAll(async () => {
  session.close();
  await lab.stop();
  await ssh.remove();
  await rm(stateFolder, { recursive: true, force: true });
}, TEST_TIMEOUT_MS);

/** Waits until VMware Tools report the address, which is when its SSH answers. */
async function ready(machine: Ref, address: string): Promise<void> {
  await until(`${address} is reported`, async () => {
    return (await session.property(machine, 'guest.ipAddress')) === address;
  });
}

async function boot(name: string, address: string, template?: string): Promise<Ref> {
  const machine = await cloneMachine(session, { name, address, ...(template && { template }) });
  await ready(machine, address);
  return machine;
}

/** Everything of the real machine that a guest could have touched by mistake. */
async function fingerprint(): Promise<string> {
  const listing = await execute('find', [
    '/etc',
    '/root',
    '/home',
    '/usr/local',
    '/srv',
    '-xdev',
    '-maxdepth',
    '3',
    '-not',
    '-path',
    '/root/.*',
    '-printf',
    '%p %s %T@ %m %l\n',
  ]);
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  return createHash('sha256')
    .update(listing.output + bootId + hostname())
    .digest('hex');
}

describe(
  'a guest',
  () => {
    const address = '127.77.10.1';
    let machine: Ref;

    beforeAll(async () => {
      machine = await boot('web01', address);
    }, TEST_TIMEOUT_MS);

    it('answers with the host name and the identity of its virtual machine', async () => {
      expect(await ssh.read(address, 'hostname; cat /etc/hostname')).toBe('web01\nweb01');
      const uuid = await session.property(machine, 'config.uuid');
      expect(await ssh.read(address, 'cat /sys/class/dmi/id/product_uuid')).toBe(uuid);
      expect(await session.property(machine, 'guest.hostName')).toBe('web01');
      expect(await ssh.read(address, 'hostname -f')).toBe('web01.lab.test');
    });

    it('shows the network of its customization', async () => {
      const nic = await session.property(machine, 'guest.net');
      const mac = /<macAddress>(.*?)<\/macAddress>/.exec(nic)?.[1];
      const [, eth0] = JSON.parse(await ssh.read(address, 'ip -4 -j addr show')) as [
        unknown,
        {
          readonly address: string;
          readonly addr_info: readonly [{ local: string; prefixlen: number }];
        },
      ];
      expect(eth0.address).toBe(mac);
      expect(eth0.addr_info[0]).toMatchObject({ local: address, prefixlen: 16 });
      expect(await ssh.read(address, 'ip -4 route show default')).toContain(
        'default via 127.77.0.1',
      );
      expect(await ssh.read(address, 'cat /etc/resolv.conf')).toContain('nameserver 192.0.2.53');
    });

    it('sees no process of the machine', async () => {
      expect(await ssh.read(address, 'ls -d /proc/[0-9]* | wc -l')).toMatch(/^[0-9]$/);
      expect(await ssh.read(address, 'cat /proc/1/cmdline | tr "\\0" " "')).toContain('lab/init');
    });

    it('refuses keys that are not authorized', async () => {
      const stranger = await SshClient.make(lab.sshPort);
      expect((await stranger.run(address, 'true')).code).toBe(255);
      await stranger.remove();
    });

    it('keeps what is done to it to itself, over a reboot', async () => {
      const before = await fingerprint();
      const key = await ssh.hostKey(address);
      const bootId = await ssh.read(address, 'cat /proc/sys/kernel/random/boot_id');
      await ssh.read(
        address,
        'hostnamectl set-hostname renamed && echo 1 >/etc/lab-test && echo 2 >/root/file &&' +
          ' echo 3 >/usr/local/file && echo 4 >/srv/file && echo 5 >/var/lib/file &&' +
          ' mkdir /data && echo 6 >/tmp/gone && touch /home/file /opt/file /run/file',
      );
      await ssh.run(address, 'reboot');
      await until('the guest has rebooted', async () => {
        return (await ssh.read(address, 'cat /proc/sys/kernel/random/boot_id')) !== bootId;
      });
      expect(
        await ssh.read(
          address,
          'hostname; cat /etc/lab-test /root/file /usr/local/file /srv/file /var/lib/file;' +
            ' ls -d /data; test -e /tmp/gone || echo clean',
        ),
      ).toBe('renamed\n1\n2\n3\n4\n5\n/data\nclean');
      expect(await ssh.hostKey(address)).toBe(key);
      expect(await fingerprint()).toBe(before);
      await until('the new name is reported', async () => {
        return (await session.property(machine, 'guest.hostName')) === 'renamed';
      });
    });

    it('lets VMware Tools stop while it reboots', async () => {
      await ready(machine, address);
      await session.call('RebootGuest', machine);
      await until('the tools stop', async () => {
        return (
          (await session.property(machine, 'guest.toolsRunningStatus')) === 'guestToolsNotRunning'
        );
      });
      await ready(machine, address);
      expect(await ssh.read(address, 'hostname')).toBe('renamed');
    });

    it.each(['shutdown -r now', 'systemctl reboot', '/sbin/reboot', 'init 6'])(
      'takes "%s" for a reboot of itself',
      async (command) => {
        await ready(machine, address);
        const bootId = await ssh.read(address, 'cat /proc/sys/kernel/random/boot_id');
        await ssh.run(address, command);
        await until('the guest has rebooted', async () => {
          return (await ssh.read(address, 'cat /proc/sys/kernel/random/boot_id')) !== bootId;
        });
      },
      TEST_TIMEOUT_MS,
    );

    it('has its own host key', async () => {
      const other = await boot('web02', '127.77.10.2', 'rocky-9');
      const keys = [await ssh.hostKey(address), await ssh.hostKey('127.77.10.2')];
      expect(keys[0]).toMatch(/^AAAA/);
      expect(keys[1]).not.toBe(keys[0]);
      expect(await ssh.read('127.77.10.2', '. /etc/os-release; echo $ID')).toBe('rocky');
      await destroy(session, other);
    });

    it('powers its machine off when it shuts down', async () => {
      await ready(machine, address);
      await ssh.run(address, 'poweroff');
      await until('the machine is off', async () => {
        return (await session.property(machine, 'runtime.powerState')) === 'poweredOff';
      });
      expect(await answers(address, lab.sshPort)).toBe(false);
      expect(await session.property(machine, 'guest.ipAddress')).toBe('');
    });

    it('keeps its files while it is off, until it is destroyed', async () => {
      await session.task('PowerOnVM_Task', machine);
      await ready(machine, address);
      expect(await ssh.read(address, 'cat /etc/lab-test')).toBe('1');
      await session.task('PowerOffVM_Task', machine);
      expect(await answers(address, lab.sshPort)).toBe(false);
      const uuid = await session.property(machine, 'config.uuid');
      expect(existsSync(join(stateFolder, 'guests', uuid))).toBe(true);
      await session.task('Destroy_Task', machine);
      expect(existsSync(join(stateFolder, 'guests', uuid))).toBe(false);
    });
  },
  TEST_TIMEOUT_MS,
);

describe(
  'the simulated vCenter',
  () => {
    afterEach(() => lab.rules.clear());

    it('refuses a wrong password', async () => {
      await expect(SoapSession.login(lab, 'wrong')).rejects.toThrow('InvalidLogin');
    });

    it('gives each clone hardware of its own', async () => {
      const instanceUuid = randomUUID();
      const wish = { powerOn: false, address: '127.77.11.1' };
      const first = await cloneMachine(session, { ...wish, name: 'own-1', instanceUuid });
      const second = await cloneMachine(session, { ...wish, name: 'own-2' });
      const machines = [first, second, await session.find('/DC0/vm/debian-12')];
      for (const path of ['config.uuid', 'config.instanceUuid', 'config.hardware.device']) {
        const values = await Promise.all(
          machines.map((machine) => session.property(machine, path)),
        );
        const told = values.map(
          (value) => /<macAddress>.*?<\/macAddress>/.exec(value)?.[0] ?? value,
        );
        expect(new Set(told).size, path).toBe(3);
      }
      expect(await session.findByInstanceUuid(instanceUuid)).toEqual(first);
      expect(await session.property(first, 'config.hardware.memoryMB')).toBe('1024');
      await expect(cloneMachine(session, { ...wish, name: 'own-1' })).rejects.toThrow(
        'DuplicateName',
      );
      await Promise.all([destroy(session, first), destroy(session, second)]);
    });

    it('lets the network of a running machine follow its card', async () => {
      const machine = await boot('moved', '127.77.11.2');
      const device = await session.property(machine, 'config.hardware.device');
      const card = /<VirtualDevice [^>]*type="VirtualVmxnet3"><key>(\d+)<\/key>/.exec(device);
      const group = await session.find('/DC0/network/DC0_DVPG1');
      const dvs = await session.reference(group, 'config.distributedVirtualSwitch');
      const uuid = await session.property(dvs, 'uuid');
      await session.task(
        'ReconfigVM_Task',
        machine,
        '<spec><deviceChange><operation>edit</operation><device xsi:type="VirtualVmxnet3">' +
          `<key>${card?.[1]}</key>` +
          '<backing xsi:type="VirtualEthernetCardDistributedVirtualPortBackingInfo"><port>' +
          `<switchUuid>${uuid}</switchUuid><portgroupKey>${group.value}</portgroupKey></port></backing>` +
          '</device></deviceChange></spec>',
      );
      expect(await session.property(machine, 'guest.net')).toContain(
        '<network>DC0_DVPG1</network>',
      );
      expect(await session.property(machine, 'network')).toContain(group.value);
      expect(await session.property(machine, 'guest.ipAddress')).toBe('127.77.11.2');
      await destroy(session, machine);
    });

    it('fails on request', async () => {
      await lab.rules.add({
        action: 'fault',
        method: 'CurrentTime',
        fault: 'NoPermission',
        count: 1,
      });
      const instance = { type: 'ServiceInstance', value: 'ServiceInstance' };
      await expect(session.call('CurrentTime', instance)).rejects.toThrow('NoPermission');
      await expect(session.call('CurrentTime', instance)).resolves.toContain('CurrentTimeResponse');
      expect(await lab.rules.calls()).toMatchObject({ CurrentTime: 2 });
    });

    it('fails tasks, loses answers and cancels on request', async () => {
      const template = await session.find('/DC0/vm/debian-12');
      const wish = { name: 'lost', address: '127.77.11.3', powerOn: false };
      const instanceUuid = randomUUID();
      const parameters = await cloneParameters(session, { ...wish, instanceUuid });
      await lab.rules.add(
        {
          action: 'task-fault',
          method: 'CloneVM_Task',
          fault: 'InsufficientResourcesFault',
          count: 1,
        },
        { action: 'reset-after', method: 'CloneVM_Task', skip: 1, count: 1 },
      );
      const clone = (): Promise<unknown> => session.task('CloneVM_Task', template, parameters);
      await expect(clone()).rejects.toThrow('InsufficientResourcesFault');
      await lab.rules.clear();
      await lab.rules.add({ action: 'reset-after', method: 'CloneVM_Task', count: 1 });
      await expect(clone()).rejects.toThrow(/hang up|ECONNRESET/);
      const lost = await until('the lost clone is there', () =>
        session.findByInstanceUuid(instanceUuid),
      );

      await lab.rules.add({ action: 'task-delay', method: 'PowerOnVM_Task', ms: 60_000 });
      const task = await session.startTask('PowerOnVM_Task', lost);
      await session.call('CancelTask', task);
      await until('the task is cancelled', async () => {
        return (await session.property(task, 'info')).includes('RequestCanceled');
      });
      await destroy(session, lost);
    });

    it('lets machines without a guest reboot and shut down as well', async () => {
      const address = '192.0.2.10';
      const machine = await boot('elsewhere', address);
      await session.call('RebootGuest', machine);
      await until('the tools stop', async () => {
        return (await session.property(machine, 'guest.ipAddress')) === '';
      });
      await expect(session.call('RebootGuest', machine)).rejects.toThrow('ToolsUnavailable');
      await ready(machine, address);
      await session.call('ShutdownGuest', machine);
      await until('the machine is off', async () => {
        return (await session.property(machine, 'runtime.powerState')) === 'poweredOff';
      });
      await destroy(session, machine);
    });

    it('faults instead of breaking when a clone names what does not exist', async () => {
      const template = await session.find('/DC0/vm/debian-12');
      const good = await cloneParameters(session, { name: 'bad', address: '127.77.11.4' });
      const bad = good.replace(
        /<datastore [^>]*>[^<]*/,
        '<datastore type="Datastore">datastore-999',
      );
      await expect(session.task('CloneVM_Task', template, bad)).rejects.toThrow(
        'ManagedObjectNotFound',
      );
    });

    it('ends a session on request', async () => {
      const other = await SoapSession.login(lab);
      await lab.rules.add({ action: 'logout', method: 'CloneVM_Task', count: 1 });
      const template = await session.find('/DC0/vm/debian-12');
      const folder = element('folder', template);
      await expect(other.call('CloneVM_Task', template, folder)).rejects.toThrow(
        'NotAuthenticated',
      );
      await expect(other.find('/DC0/vm')).rejects.toThrow('NotAuthenticated');
      other.close();
    });
  },
  TEST_TIMEOUT_MS,
);

describe('the lab', () => {
  it('has fifty guests at once', async () => {
    const count = 50;
    const addresses = Array.from({ length: count }, (_, i) => `127.77.20.${i + 1}`);
    const machines = await Promise.all(
      addresses.map((address, i) => cloneMachine(session, { name: `many-${i}`, address })),
    );
    await Promise.all(
      addresses.map((address, i) =>
        until(
          `${address} answers`,
          async () => {
            return (await ssh.read(address, 'hostname')) === `many-${i}`;
          },
          120_000,
        ),
      ),
    );
    await Promise.all(machines.map((machine) => destroy(session, machine)));
    expect(await readdir(join(stateFolder, 'guests'))).toEqual([]);
  }, 180_000);

  it(
    'leaves nothing behind when its simulator is killed',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'lab-'));
      const victim = await startTestLab(folder);
      const victims = await SoapSession.login(victim);
      await cloneMachine(victims, { name: 'orphan', address: '127.77.30.1' });
      await until('the guest answers', () => answers('127.77.30.1', victim.sshPort));
      process.kill(victim.pid, 'SIGKILL');
      await until('the guest is gone', async () => !(await answers('127.77.30.1', victim.sshPort)));
      await until('no process is left', async () => {
        return (await execute('pgrep', ['-f', 'ListenAddress=127.77.30.1'])).code === 1;
      });
      expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(folder);
      victims.close();
      await victim.stop();
      await rm(folder, { recursive: true, force: true });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'starts again in the place of one that was killed, and its clients trust it',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'lab-'));
      const wish = { name: 'again', address: '127.77.30.2' };
      const killed = await startTestLab(folder);
      const before = await SoapSession.login(killed);
      await cloneMachine(before, wish);
      await until('the guest answers', () => answers(wish.address, killed.sshPort));
      before.close();
      process.kill(killed.pid, 'SIGKILL');
      await killed.stop(); // waits for its end

      const port = Number(new URL(killed.url).port);
      const next = await startLab({ root: ROOT, stateFolder: folder, port, taskTimeMs: 40 });
      expect(await answers(wish.address, next.sshPort)).toBe(false);
      expect(next).toMatchObject({
        url: killed.url,
        certificateSha256: killed.certificateSha256,
      });
      const after = await SoapSession.login(killed);
      await cloneMachine(after, wish);
      await until('the guest lets the same key in', async () => {
        return (await ssh.read(wish.address, 'hostname')) === 'again';
      });
      after.close();
      await next.stop();
      await rm(folder, { recursive: true, force: true });
    },
    TEST_TIMEOUT_MS,
  );
});
