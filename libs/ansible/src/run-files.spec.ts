import type { PlayHost } from '@diaken/provisioning';
import { describe, expect, it } from 'vitest';
import { winrmVariables } from './winrm-play';
import { ansibleConfig, inventory, jobsFolder, knownHosts, sshConfig } from './run-files';

const host = (more: Partial<PlayHost> = {}): PlayHost => ({
  name: 'web01',
  address: '10.0.0.7',
  port: 22,
  hostKey: 'ssh-ed25519 AAAAC3Nza',
  credentialId: 'c',
  ...more,
});

describe('inventory', () => {
  it('says for each host where it is, who logs in and with which key', () => {
    const text = inventory('/runs/r', [
      { host: host({ port: 2222 }), username: 'deploy', identityFile: '/runs/r/identities/0.pub' },
    ]);

    expect(JSON.parse(text)).toEqual({
      all: {
        hosts: {
          web01: {
            ansible_host: '10.0.0.7',
            ansible_port: 2222,
            ansible_user: 'deploy',
            ansible_ssh_private_key_file: '/runs/r/identities/0.pub',
            ansible_python_interpreter: '/usr/bin/python3',
          },
        },
      },
    });
  });

  it('says of a host that is reached over WinRM how, and no password', () => {
    const credential = {
      ...{ username: String.raw`EXAMPLE\svc`, password: 'p-4Kx' },
      winrm: {
        ...({ transport: 'ntlm', scheme: 'https' } as const),
        ...{ port: 5986, validateCertificate: false },
      },
    };
    const login = { host: host(), username: credential.username };
    const text = inventory('/runs/r', [{ ...login, variables: winrmVariables(credential) }]);
    expect(JSON.parse(text)).toEqual({
      all: {
        hosts: {
          web01: {
            ansible_host: '10.0.0.7',
            ansible_user: String.raw`EXAMPLE\svc`,
            ansible_connection: 'winrm',
            ansible_shell_type: 'powershell',
            ansible_port: 5986,
            ansible_winrm_scheme: 'https',
            ansible_winrm_transport: 'ntlm',
            ansible_winrm_server_cert_validation: 'ignore',
          },
        },
      },
    });
    const templated = { host: host(), username: '{{ x }}', variables: {} };
    expect(() => inventory('/runs/r', [templated])).toThrow('cannot stand in an inventory');
  });

  it.each(['{{ lookup("pipe", "id") }}', 'web[1:3]', 'a b', 'a\nb', ''])('refuses %j', (name) => {
    const login = { host: host({ name }), username: 'root', identityFile: '/x' };

    expect(() => inventory('/runs/r', [login])).toThrow('cannot stand in an inventory');
  });
});

describe('knownHosts', () => {
  it('pins keys to addresses, and to ports other than 22', () => {
    const hosts = [host(), host({ port: 2222, hostKey: 'ssh-rsa AAAAB3 a comment' })];

    expect(knownHosts(hosts)).toBe(
      '10.0.0.7 ssh-ed25519 AAAAC3Nza\n[10.0.0.7]:2222 ssh-rsa AAAAB3\n',
    );
  });

  it.each(['', 'ssh-ed25519', '* ssh-ed25519', '@cert-authority,x AAAA', 'ssh-rsa AA|B'])(
    'refuses %j as a key',
    (hostKey) => {
      expect(() => knownHosts([host({ hostKey })])).toThrow('The host key of web01');
    },
  );
});

describe('the configuration', () => {
  it('never accepts an unknown host key', () => {
    const text = sshConfig('/runs/a b');

    expect(text).toContain('StrictHostKeyChecking yes');
    expect(text).toContain('UserKnownHostsFile "/runs/a b/known_hosts"');
  });

  it.each([
    [1, 1],
    [20, 20],
    [200, 50],
  ])('works on %i hosts with %i forks', (hosts, forks) => {
    const settings = { callbacks: '/callbacks', jobs: '~/jobs', hosts };

    expect(ansibleConfig('/runs/r', settings)).toContain(`forks = ${forks}\n`);
  });

  it('gives the asynchronous jobs of each execution a folder of their own', () => {
    expect(jobsFolder('run-1.base.1')).toMatch(/^~\/\.ansible_async\/dk-[0-9a-f]{16}$/);
    expect(jobsFolder('run-1.base.1')).not.toBe(jobsFolder('run-1.base.2'));
  });
});
