import { describe, expect, it } from 'vitest';
import { FakeNetworkProbe, machineRequest, guestNetwork } from '../testing';
import { dnsFinding, lookAtNetwork } from './network-checks';

const subject = machineRequest({ network: guestNetwork({ domain: 'example.net' }) });
const never = new AbortController().signal;

/** What is found where DNS has these records. */
async function found(records: Record<string, string[]>, dnsAnswers = true) {
  const network = new FakeNetworkProbe();
  network.dnsAnswers = dnsAnswers;
  Object.entries(records).forEach(([of, answers]) => network.record(of, ...answers));
  return dnsFinding(subject, await lookAtNetwork(network, subject, never));
}

describe('DNS before a deployment', () => {
  it.each([
    ['nothing', {}],
    ['the machine itself', { 'web-01.example.net': ['10.1.0.20'] }],
    ['both ways', { '10.1.0.20': ['WEB-01.example.net.'] }],
  ])('may have %s', async (_what, records) => {
    expect(await found(records)).toMatchObject({ check: 'dns', state: 'ok' });
  });

  it.each([
    [
      'the name elsewhere',
      { 'web-01.example.net': ['10.1.0.9', '10.1.0.8'] },
      'DNS has web-01.example.net at 10.1.0.9, 10.1.0.8, not at 10.1.0.20.',
    ],
    [
      'another name for the address',
      { '10.1.0.20': ['printer.example.net'] },
      'DNS calls 10.1.0.20 printer.example.net.',
    ],
  ])('that has %s is a warning', async (_what, records, cause) => {
    expect(await found(records)).toMatchObject({ state: 'warning', cause });
  });

  it('that does not answer is a warning, and says what is not known', async () => {
    const finding = await found({}, false);
    expect(finding).toMatchObject({
      state: 'warning',
      cause: expect.stringContaining('DNS did not answer the worker'),
    });
  });

  it('is not asked for a name without a domain, and knows it by any', async () => {
    const network = new FakeNetworkProbe();
    network.record('10.1.0.20', 'web-01.elsewhere.net');
    const bare = machineRequest();
    const finding = dnsFinding(bare, await lookAtNetwork(network, bare, never));
    expect(finding.state).toBe('ok');
    expect(network.calls.count('addressesOf')).toBe(0);
  });
});
