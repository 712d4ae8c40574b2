import { describe, expect, it } from 'vitest';
import { type GuestSettings, portOf, WITHOUT_PROFILE } from './guest-settings';
import { WindowsSettings } from './windows-settings';
import { conflictsIn, TemplateProfileInput } from './template-profile';

const VCENTER = '0f0e0d0c-0b0a-4900-8000-000000000001';
const STAGED = { guestInit: 'staging-address', stagingAddress: '10.9.0.9' } as const;
const wrongIn = (settings: Partial<GuestSettings>) =>
  conflictsIn({ ...WITHOUT_PROFILE, ...settings }).map(({ path }) => path);

describe('the profile of a template', () => {
  it('treats guests as those without a profile where it says nothing', () => {
    const input = { vcenterId: VCENTER, template: 'debian-12' };
    expect(TemplateProfileInput.parse(input)).toEqual({
      ...input,
      ...WITHOUT_PROFILE,
      limits: {},
    });
  });

  it.each<[string, Partial<GuestSettings>]>([
    ['nothing', {}],
    ['a lease', { address: 'dhcp' }],
    ['a lease that nobody logs in at', { address: 'dhcp', readiness: 'tcp:443' }],
    ['cloud-init', { guestInit: 'cloud-init', address: 'dhcp' }],
    ['a staging address', STAGED],
    ['Windows', { osFamily: 'windows', guestInit: 'sysprep' }],
    ['an appliance', { guestInit: 'none', readiness: 'none' }],
  ])('takes %s', (_what, settings) => {
    expect(wrongIn(settings)).toEqual([]);
  });

  it.each<[string, Partial<GuestSettings>, string]>([
    ['a lease that nobody learns', { address: 'dhcp', readiness: 'tools' }, 'readiness'],
    ['a staging address that is not named', { guestInit: 'staging-address' }, 'stagingAddress'],
    ['a staging address for nothing', { stagingAddress: '10.9.0.9' }, 'stagingAddress'],
    ['a staging address and a lease', { ...STAGED, address: 'dhcp' }, 'address'],
    ['a staging address without a login', { ...STAGED, readiness: 'address' }, 'readiness'],
    ['Sysprep for Linux', { guestInit: 'sysprep' }, 'guestInit'],
    ['Linux customization for Windows', { osFamily: 'windows' }, 'guestInit'],
    ['settings of Windows for nothing', { windows: WindowsSettings.parse({}) }, 'windows'],
  ])('refuses %s', (_what, settings, path) => {
    expect(wrongIn(settings)).toEqual([path]);
  });

  it('names the port that a guest is ready at', () => {
    expect(portOf('tcp:8443')).toBe(8_443);
    expect(portOf('login')).toBeUndefined();
  });
});
