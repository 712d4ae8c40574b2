import { describe, expect, it } from 'vitest';
import { answers } from './guest-questions';

const said = (more: Partial<Record<string, string>> = {}): string => {
  const parts = { hostname: 'web01', uuid: '', addresses: '', routes: '', end: '', ...more };
  return Object.entries(parts)
    .map(([name, text]) => `@m ${name}\n${text}\n`)
    .join('');
};

describe('answers', () => {
  it('reads who a guest says it is', () => {
    const identity = answers(
      `a banner\n${said({
        uuid: '4211A8F0-0C2B-6D6A-9F0E-1B2C3D4E5F60',
        addresses:
          '[{"addr_info":[{"family":"inet","local":"127.0.0.1"}]},{"ifname":"ens192","addr_info":[{"family":"inet","local":"10.0.0.7","prefixlen":24}]}]',
        routes: '[{"dst":"default","gateway":"10.0.0.1","dev":"ens192","flags":[]}]',
      })}`,
      '@m',
    );

    expect(identity).toEqual({
      hostName: 'web01',
      productUuid: '4211a8f0-0c2b-6d6a-9f0e-1b2c3d4e5f60',
      addresses: ['10.0.0.7'],
      gateway: '10.0.0.1',
    });
  });

  it('does with what there is', () => {
    expect(answers(said({ addresses: 'no JSON', routes: '{}' }), '@m')).toEqual({
      hostName: 'web01',
      productUuid: null,
      addresses: [],
      gateway: null,
    });
  });

  it('believes nothing that looks odd', () => {
    const identity = answers(
      said({ uuid: 'root:x:0:0', routes: '[{"dst":"default","gateway":"; rm -rf /"}]' }),
      '@m',
    );

    expect(identity).toMatchObject({ productUuid: null, gateway: null });
  });

  it('is nothing when the guest was cut off', () => {
    expect(answers('@m hostname\nweb01\n', '@m')).toBeUndefined();
  });
});
