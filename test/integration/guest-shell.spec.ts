import { execFileSync, spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import {
  SshGuestShell,
  type CredentialDirectory,
  type SshKeyCredential,
  type SshGuestShellOptions,
} from '@diaken/ansible';
import { Interruption } from '@diaken/pipeline';
import type { GuestTarget } from '@diaken/provisioning';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SshdFixture, type KeyPair, type Sshd } from './sshd-fixture';

const never = new AbortController().signal;

describe('SshGuestShell', () => {
  const fixture = new SshdFixture();
  let key: KeyPair;
  let guest: Sshd;

  beforeAll(async () => {
    key = fixture.keyPair();
    guest = await fixture.start([key.publicKey]);
  });
  afterAll(() => fixture.stop());

  const target = (more: Partial<GuestTarget> = {}): GuestTarget => ({
    address: guest.address,
    port: guest.port,
    credentialId: 'any',
    ...more,
  });

  function shell(credential: Partial<SshKeyCredential> = {}, options: SshGuestShellOptions = {}) {
    const opened = { username: guest.username, privateKey: key.privateKey, ...credential };
    const directory: CredentialDirectory = { open: async () => opened };
    return new SshGuestShell(directory, options);
  }

  it('asks a guest who it is and captures its host key at first sight', async () => {
    const identity = await shell().identify(target(), never);

    expect(identity.hostKey).toBe(guest.hostKey);
    expect(identity.hostName).toBe(hostname());
    expect(identity.productUuid ?? 'none').toMatch(/^none$|^[0-9a-f-]{36}$/);
    expect(Array.isArray(identity.addresses)).toBe(true);
  });

  it('says who a credential logs in as, and by which public key', async () => {
    const [type, base64] = key.publicKey.split(' ');
    const login = { username: guest.username, publicKey: `${type} ${base64}` };
    expect(await shell().loginOf('any')).toEqual({ ...login, asksPassword: false });
    const asked = await shell({ becomePassword: 'sesame' }).loginOf('any');
    expect(asked).toEqual({ ...login, asksPassword: true });
  });

  it('tells whether a guest listens, and stops asking when it is told to', async () => {
    const { address, port } = guest;
    expect(await shell().isListening(address, port, never)).toBe(true);
    expect(await shell().isListening('127.77.120.250', port, never)).toBe(false);
    const stop = new AbortController();
    const asked = shell().isListening('192.0.2.1', port, stop.signal);
    stop.abort(new Interruption('cancelled'));
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('accepts the pinned host key', async () => {
    const identity = await shell().identify(target({ hostKey: guest.hostKey }), never);

    expect(identity.hostName).toBe(hostname());
  });

  it('refuses another host key for good and names both fingerprints', async () => {
    const other = fixture.keyPair();

    await expect(
      shell().identify(target({ hostKey: other.publicKey }), never),
    ).rejects.toMatchObject({
      code: 'host-key-changed',
      transient: false,
      message: expect.stringMatching(
        new RegExp(`^${guest.address}:${guest.port} .*SHA256:\\S{43} .*SHA256:\\S{43} `),
      ),
    });
  });

  it.each([
    { type: 'rsa', form: 'PEM' },
    { type: 'rsa' },
    { type: 'ecdsa' },
    { type: 'ecdsa', form: 'PEM' },
    { type: 'ed25519' },
  ] as const)('opens a key with a passphrase: $type $form', async (kind) => {
    const locked = fixture.keyPair({ ...kind, passphrase: 'open sesame' });
    const server = await fixture.start([locked.publicKey]);
    const credential = { privateKey: locked.privateKey, passphrase: 'open sesame' };

    const identity = await shell(credential).identify(
      { address: server.address, port: server.port, credentialId: 'any' },
      never,
    );

    expect(identity.hostKey).toBe(server.hostKey);
  });

  it('says that a key does not open', async () => {
    const { privateKey } = fixture.keyPair({ passphrase: 'open sesame' });

    const wrong = shell({ privateKey, passphrase: 'wrong' });
    const unreadable = { code: 'secret-unreadable', transient: false };
    await expect(wrong.identify(target(), never)).rejects.toMatchObject(unreadable);
    await expect(wrong.tryCredential('any')).rejects.toMatchObject(unreadable);
    const right = shell({ privateKey, passphrase: 'open sesame' });
    await expect(right.tryCredential('any')).resolves.toBeUndefined();
  });

  it('hopes that a refused key arrives later', async () => {
    const { privateKey } = fixture.keyPair();

    await expect(shell({ privateKey }).identify(target(), never)).rejects.toMatchObject({
      code: 'guest-login-refused',
      transient: true,
      message: `${guest.address}:${guest.port} refuses the key of user "${guest.username}".`,
    });
  });

  it('hopes that a guest without an SSH server will have one', async () => {
    await expect(shell().identify(target({ port: 9 }), never)).rejects.toMatchObject({
      code: 'guest-unreachable',
      transient: true,
      message: expect.stringContaining(`${guest.address}:9 does not answer SSH`),
    });
  });

  describe('with a server that accepts and stays silent', () => {
    let silent: Server;
    beforeAll(async () => {
      silent = createServer().listen(0, guest.address);
      await new Promise((listening) => silent.once('listening', listening));
    });
    afterAll(() => void silent.close());

    const port = () => (silent.address() as { port: number }).port;

    it('gives up in time', async () => {
      const began = Date.now();

      await expect(
        shell({}, { connectTimeoutMs: 500 }).identify(target({ port: port() }), never),
      ).rejects.toMatchObject({ code: 'guest-unreachable', transient: true });
      expect(Date.now() - began).toBeLessThan(3_000);
    });

    it('stops when it is told to', async () => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(new Interruption('cancelled')), 200);
      const began = Date.now();

      await expect(shell().identify(target({ port: port() }), stop.signal)).rejects.toMatchObject({
        code: 'cancelled',
        name: 'Interruption',
      });
      expect(Date.now() - began).toBeLessThan(2_000);
    });
  });

  it('notices a guest that falls silent after the login', async () => {
    const server = await fixture.start(
      [key.publicKey],
      ['ForceCommand kill -STOP $(ps -o ppid= -p $$) $(ps -o ppid= -p $(ps -o ppid= -p $$))'],
    );
    const began = Date.now();
    try {
      await expect(
        shell().identify({ ...target(), address: server.address, port: server.port }, never),
      ).rejects.toMatchObject({ code: 'guest-unreachable' });
      expect(Date.now() - began).toBeLessThan(12_000);
    } finally {
      resume(server);
    }
  });
});

/** Lets the stopped processes below a server end with it. */
function resume({ process }: Sshd): void {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = table
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number));
  const below = [process.pid];
  for (const [pid, parent] of rows) {
    if (below.includes(parent)) {
      below.push(pid);
    }
  }
  spawnSync('kill', ['-CONT', ...below.map(String)]);
}
