import { describe, expect, it } from 'vitest';
import { whoIsThere } from './windows-questions';

const said = {
  name: 'WEB01',
  uuid: '030D564D-0405-0607-0809-0A0B0C0D0E0F',
  addresses: ['10.1.0.20', 'fe80::1'],
  gateways: ['fe80::2', '10.1.0.1'],
};

describe('what a Windows guest says of itself', () => {
  it('is read, whatever PowerShell makes of empty lists', () => {
    expect(whoIsThere(`${JSON.stringify(said)}\r\n`)).toEqual({
      hostName: 'web01',
      productUuid: '030d564d-0405-0607-0809-0a0b0c0d0e0f',
      addresses: ['10.1.0.20'],
      gateway: '10.1.0.1',
    });
    expect(whoIsThere(JSON.stringify({ ...said, addresses: null, gateways: [] }))).toMatchObject({
      addresses: [],
      gateway: null,
    });
  });

  it.each(['', 'Access is denied.', '[]', JSON.stringify({ ...said, uuid: 'x' })])(
    'is nothing when it is %j',
    (output) => {
      expect(whoIsThere(output)).toBeUndefined();
    },
  );
});
