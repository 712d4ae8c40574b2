import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GuestLogins,
  LocalAnsible,
  SshGuestShell,
  type WinrmCredential,
  WinrmLogin,
} from '@diaken/ansible';
import type { PlayOrder } from '@diaken/provisioning';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PowerShell, RecordingWinrm } from '../support/recording-winrm';
import { ROOT } from '../support/system';

const PASSWORD = 'k5-Zq"<&$7';
const ASSETS = join(ROOT, 'libs/ansible');
const login = new WinrmLogin({ assetsFolder: ASSETS, seconds: 10 });
const HERE = { address: '127.0.0.1', pinned: null };
const signal = () => AbortSignal.timeout(60_000);

let winrm: RecordingWinrm;
afterEach(() => winrm.stop());

const serve = async (powerShell: PowerShell, tls?: { key: string; cert: string }) => {
  const options = { username: 'Administrator', password: PASSWORD, powerShell };
  winrm = await RecordingWinrm.start({ ...options, ...(tls && { tls }) });
};
const credential = (settings: object = {}, password = PASSWORD): WinrmCredential => ({
  username: 'Administrator',
  password,
  winrm: {
    ...{ transport: 'basic', scheme: 'http', port: winrm.port, validateCertificate: true },
    ...settings,
  },
});

describe('a login over WinRM', () => {
  it('runs a script and answers what it prints', async () => {
    await serve(() => ({ stdout: 'çà va\r\n' }));
    const said = await login.run(HERE, credential(), "Write-Output 'hé'", signal());
    expect(said).toEqual({ stdout: 'çà va\r\n', certificate: null });
    expect(winrm.scripts).toEqual(["Write-Output 'hé'"]);
  });

  it('says that the password is refused, and not which it was', async () => {
    await serve(() => ({}));
    const refused = login.run(HERE, credential({}, 'wrong-Gx7'), 'exit', signal());
    const error = await refused.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'guest-login-refused', transient: false });
    expect(JSON.stringify(error) + String(error)).not.toContain('wrong-Gx7');
    expect(winrm.scripts).toEqual([]);
    expect(winrm.refused).toBe(1);
  });

  it('says what PowerShell complained of', async () => {
    await serve(() => ({ code: 5 }));
    await expect(login.run(HERE, credential(), 'exit 5', signal())).rejects.toMatchObject({
      code: 'guest-unreachable',
      message: expect.stringContaining('PowerShell ended with 5'),
    });
  });

  it('says that nobody is there', async () => {
    await serve(() => ({}));
    const nobody = credential({ port: 1 });
    await expect(login.run(HERE, nobody, 'exit', signal())).rejects.toMatchObject({
      code: 'guest-unreachable',
      transient: true,
    });
  });

  it('trusts no certificate that nobody vouches for, unless it is told to', async () => {
    await serve(() => ({ stdout: 'in' }), selfSigned());
    const validated = login.run(HERE, credential({ scheme: 'https' }), 'exit', signal());
    await expect(validated).rejects.toMatchObject({
      code: 'guest-unreachable',
      message: expect.stringContaining('certificate'),
      transient: false,
    });
    expect(winrm.refused).toBe(0);
    const anyone = credential({ scheme: 'https', validateCertificate: false });
    const { stdout, certificate } = await login.run(HERE, anyone, 'exit', signal());
    expect(stdout).toBe('in');
    expect(certificate).toMatch(/^[0-9a-f]{64}$/);
    const pinned = { ...HERE, pinned: certificate };
    expect((await login.run(pinned, anyone, 'exit', signal())).stdout).toBe('in');
    const other = { ...HERE, pinned: '0'.repeat(64) };
    const before = winrm.scripts.length;
    await expect(login.run(other, anyone, 'exit', signal())).rejects.toMatchObject({
      ...{ code: 'host-key-changed', transient: false },
    });
    expect(winrm.scripts).toHaveLength(before);
  });

  it('keeps the password out of arguments and environments', async () => {
    let seen = '';
    await serve(() => {
      seen = everyProcess();
      return {};
    });
    await login.run(HERE, credential(), 'exit', signal());
    expect(seen).toContain('winrm_ask.py');
    expect(seen).not.toContain(PASSWORD);
  });

  it('ends at once when it is interrupted', async () => {
    await serve(() => ({}));
    const interruption = new AbortController();
    const running = login.run(HERE, credential(), 'exit', interruption.signal);
    interruption.abort(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
  });
});

describe('a Windows guest', () => {
  it('says over WinRM who it is, with a certificate that can be pinned', async () => {
    const said = { name: 'WEB01', uuid: '030D564D-0405-0607-0809-0A0B0C0D0E0F' };
    const networks = { addresses: ['10.1.0.20'], gateways: ['10.1.0.1'] };
    await serve(() => ({ stdout: JSON.stringify({ ...said, ...networks }) }), selfSigned());
    const settings = credential({ scheme: 'https', validateCertificate: false });
    const directory = { open: async () => settings };
    const guests = new GuestLogins(directory, new SshGuestShell(directory), login);
    const target = { address: '127.0.0.1', port: 22, credentialId: 'c' };
    const identity = await guests.identify(target, signal());
    expect(identity).toEqual({
      hostKey: expect.stringMatching(/^x509-sha256 [0-9a-f]{64}$/),
      ...{ hostName: 'web01', productUuid: said.uuid.toLowerCase() },
      ...{ addresses: ['10.1.0.20'], gateway: '10.1.0.1' },
    });
    const { hostKey } = identity;
    expect(await guests.identify({ ...target, hostKey }, signal())).toEqual(identity);
    const stranger = { ...target, hostKey: `x509-sha256 ${'0'.repeat(64)}` };
    await expect(guests.identify(stranger, signal())).rejects.toMatchObject({
      code: 'host-key-changed',
    });
  });
});

describe('a playbook over WinRM', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'winrm-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const play = (order: Partial<PlayOrder> & Pick<PlayOrder, 'key'>, lines: string[] = []) => {
    const ansible = new LocalAnsible({
      ...{ runsFolder: folder, assetsFolder: ASSETS },
      credentials: { open: async () => credential() },
    });
    const host = { name: 'web01', address: '127.0.0.1', port: 22, hostKey: '', credentialId: 'c' };
    const whole = {
      playbook: { kind: 'shipped', name: 'base-windows' } as const,
      hosts: [host],
      extraVars: { diaken_hostname: 'web01', diaken_run: 'ab-1', diaken_address: '10.1.0.20' },
      timeoutSeconds: 60,
      ...order,
    };
    const listener = {
      line: (text: string) => void lines.push(text),
      progress: () => undefined,
      position: () => undefined,
    };
    return ansible.play(whole, listener, signal());
  };

  it('is sent to the guest with its variables, and tells what it changed', async () => {
    await serve((script) => ({ stdout: script.includes('WriteAllText') ? 'CHANGED\r\n' : '' }));
    const { hosts } = await play({ key: 'first' });
    expect(hosts).toMatchObject([{ host: 'web01', ok: 3, changed: 1, failed: 0, unreachable: 0 }]);
    expect(winrm.scripts[0]).toContain("-ne 'web01'");
    expect(winrm.scripts[1]).toContain(
      '{"run": "ab-1", "hostname": "web01", "address": "10.1.0.20"}',
    );
  });

  it('changes nothing the second time, when the guest says so', async () => {
    await serve(() => ({ stdout: '' }));
    const { hosts } = await play({ key: 'second' });
    expect(hosts).toMatchObject([{ ok: 3, changed: 0, failed: 0 }]);
  });

  it('fails with what the guest says', async () => {
    await serve(() => ({ code: 1 }));
    const { hosts } = await play({ key: 'third' });
    expect(hosts).toMatchObject([{ failed: 1, firstError: { task: 'Check the computer name' } }]);
  });

  it('sends nothing that is no computer name', async () => {
    await serve(() => ({}));
    const extraVars = { diaken_hostname: "x'; Remove-Item C:\\" };
    const { hosts } = await play({ key: 'fourth', extraVars });
    expect(hosts).toMatchObject([{ failed: 1 }]);
    expect(winrm.scripts).toEqual([]);
  });

  it('keeps the password out of arguments, environments, files and output', async () => {
    let seen = '';
    await serve(() => {
      seen += everyProcess() + everyFile(folder);
      return {};
    });
    const lines: string[] = [];
    await play({ key: 'fifth' }, lines);
    expect(seen).toContain('ansible_winrm_transport');
    expect(seen + lines.join()).not.toContain(PASSWORD);
  });
});

function everyProcess(): string {
  const read = 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ';
  return spawnSync('sh', ['-c', read], { maxBuffer: 2 ** 28 }).stdout.toString('latin1');
}

function everyFile(folder: string): string {
  const read = 'find "$0" -type f -exec cat {} +';
  return spawnSync('sh', ['-c', read, folder], { maxBuffer: 2 ** 28 }).stdout.toString('latin1');
}

function selfSigned(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'winrm-'));
  try {
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const subject = ['-subj', '/CN=winrm', '-addext', 'subjectAltName=IP:127.0.0.1'];
    spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', key, '-out', cert, '-days', '2', ...subject],
    ]);
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
