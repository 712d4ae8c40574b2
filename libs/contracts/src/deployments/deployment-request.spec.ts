import { describe, expect, it } from 'vitest';
import { DeploymentRequest } from './deployment-request';

const id = '0f0e0d0c-0b0a-4900-8000-000000000001';
const request = {
  hostname: 'web-01',
  vcenterId: id,
  template: 'debian-12',
  cluster: 'C0',
  datastore: 'DS0',
  cpus: 2,
  memoryMb: 2048,
  network: {
    portGroup: 'VM Network',
    cidr: '10.1.0.0/24',
    address: '10.1.0.20',
    gateway: '10.1.0.1',
  },
  credentialId: id,
};
const problemsOf = (input: unknown) =>
  DeploymentRequest.safeParse(input).error?.issues.map((issue) => issue.path.join('.')) ?? [];

describe('a deployment request', () => {
  it('fills in what may be left out', () => {
    const read = DeploymentRequest.parse(request);
    expect(read).toMatchObject({ sshPort: 22, playbookIds: [], extraVars: {}, priority: 4 });
  });

  it.each(['Web01', '-web', 'web_01', 'web.example', '', 'a'.repeat(64)])(
    'refuses the host name %j',
    (hostname) => {
      expect(problemsOf({ ...request, hostname })).toEqual(['hostname']);
    },
  );

  it('refuses an address outside its network', () => {
    const network = { ...request.network, address: '10.2.0.20' };
    const issue = DeploymentRequest.safeParse({ ...request, network }).error?.issues[0];
    expect(issue?.path).toEqual(['network', 'address']);
    expect(issue?.message).toContain('outside its network');
  });

  it.each(['10.1.0.0', '10.1.0.255'])('keeps %s of the network from hosts', (address) => {
    const network = { ...request.network, address };
    expect(problemsOf({ ...request, network })).toEqual(['network.address']);
  });

  it('refuses a field it does not know', () => {
    expect(DeploymentRequest.safeParse({ ...request, cpu: 2 }).success).toBe(false);
  });

  it('does not let a request say how to connect', () => {
    expect(problemsOf({ ...request, extraVars: { ansible_host: '10.0.0.1' } })).toEqual([
      'extraVars.ansible_host',
    ]);
  });
});
