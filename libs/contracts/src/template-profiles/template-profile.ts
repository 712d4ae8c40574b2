import * as z from 'zod';
import { parseIpv4 } from '../deployments/ipv4';
import { OS_FAMILIES } from '../hosts/os-family';
import { PageQuery, pageOf } from '../paging/page';
import {
  ADDRESS_MODES,
  GUEST_INITS,
  type GuestSettings,
  Readiness,
  WITHOUT_PROFILE,
} from './guest-settings';
import { HardwareLimits } from './hardware-limits';
import { WindowsSettings } from './windows-settings';

const osFamily = z.enum(OS_FAMILIES);
const guestInit = z.enum(GUEST_INITS).meta({
  description:
    'How the guest gets name and address: `cloud-init` by its datasource VMware (guestinfo), `linuxprep` by vCenter’s customization (VMware Tools), `sysprep` the same way for Windows, `staging-address` over SSH at an address that is baked into the template, `none` not by us.',
});
const address = z.enum(ADDRESS_MODES).meta({
  description: '`static`: a request says the address. `dhcp`: the guest asks a DHCP server.',
});
const readiness = Readiness.meta({
  description:
    'What a deployment waits for: `none`, `tools` (VMware Tools run), `address` (the guest reports it), `tcp:<port>` (the guest listens there), `login` (we log in over SSH, configure and verify the guest).',
});
const interpreter = z
  .string()
  .max(200)
  .regex(/^\/[\w./+-]+$/, { error: 'must be an absolute path such as /usr/bin/python3.11' })
  .nullable()
  .meta({ description: 'Python of the guest; null: /usr/bin/python3.' });

const stagingAddress = z
  .string()
  .refine((text) => parseIpv4(text) !== undefined, {
    error: 'must be an IPv4 address such as 10.1.0.20',
  })
  .nullable()
  .meta({
    description:
      'With `staging-address`: the address that the template boots on. One machine has it at a time.',
  });

const windows = WindowsSettings.nullable().meta({
  description: 'What Sysprep is told; null: as where nobody says otherwise. With `sysprep` only.',
});

const limits = HardwareLimits.meta({
  description: 'The most hardware that a request may ask for; what is left out has no limit.',
});

/** What `POST /template-profiles` takes: how the guests of a template are made ready. */
export const TemplateProfileInput = z
  .strictObject({
    vcenterId: z.uuid({ error: 'must be the id of a vCenter; GET /vcenters lists them' }),
    template: z
      .string()
      .min(1)
      .max(255)
      .meta({ description: 'Template: its name, or its MoRef where names repeat.' }),
    osFamily: osFamily.default(WITHOUT_PROFILE.osFamily),
    guestInit: guestInit.default(WITHOUT_PROFILE.guestInit),
    address: address.default(WITHOUT_PROFILE.address),
    readiness: readiness.default(WITHOUT_PROFILE.readiness),
    interpreter: interpreter.default(WITHOUT_PROFILE.interpreter),
    stagingAddress: stagingAddress.default(WITHOUT_PROFILE.stagingAddress),
    windows: windows.default(WITHOUT_PROFILE.windows),
    limits: limits.default({}),
  })
  .meta({ id: 'TemplateProfileInput' });
export type TemplateProfileInput = z.infer<typeof TemplateProfileInput>;

/** What `PATCH /template-profiles/:id` takes: only what changes. */
export const TemplateProfileChange = z
  .strictObject({
    ...{ osFamily, guestInit, address, readiness, interpreter, stagingAddress },
    ...{ windows, limits },
  })
  .partial()
  .meta({ id: 'TemplateProfileChange' });
export type TemplateProfileChange = z.infer<typeof TemplateProfileChange>;

/** A template's profile as the API shows it. */
export const TemplateProfileView = z
  .object({
    id: z.uuid(),
    vcenterId: z.uuid(),
    template: z.object({ moRef: z.string(), name: z.string() }),
    osFamily,
    guestInit,
    address,
    readiness,
    interpreter,
    stagingAddress,
    windows,
    limits,
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'TemplateProfile' });
export type TemplateProfileView = z.infer<typeof TemplateProfileView>;

export const TemplateProfileQuery = PageQuery.extend({ vcenterId: z.uuid().optional() });
export type TemplateProfileQuery = z.infer<typeof TemplateProfileQuery>;

export const TemplateProfilePage = pageOf(TemplateProfileView).meta({ id: 'TemplateProfilePage' });

/** A setting that does not go with the others. */
export interface SettingProblem {
  readonly path: keyof GuestSettings;
  readonly message: string;
}

/** A setting that cannot be, if it is so, and why. */
type Conflict = readonly [isSo: boolean, path: keyof GuestSettings, message: string];

/** Which settings of a profile cannot be together. */
export function conflictsIn(settings: GuestSettings): SettingProblem[] {
  const conflicts = [...conflictsOfAddress(settings), ...conflictsOfWindows(settings)];
  return conflicts.flatMap(([isSo, path, message]) => (isSo ? [{ path, message }] : []));
}

function conflictsOfAddress(settings: GuestSettings): Conflict[] {
  const { guestInit, address: mode, readiness: until, stagingAddress: staging } = settings;
  const isStaged = guestInit === 'staging-address';
  return [
    [
      mode === 'dhcp' && (until === 'none' || until === 'tools'),
      'readiness',
      'must be address, tcp:<port> or login with dhcp: otherwise nobody learns the address',
    ],
    [isStaged && staging === null, 'stagingAddress', 'is missing: guestInit is staging-address'],
    [!isStaged && staging !== null, 'stagingAddress', 'is for guestInit staging-address only'],
    [isStaged && mode !== 'static', 'address', 'must be static with staging-address'],
    [isStaged && until !== 'login', 'readiness', 'must be login with staging-address'],
  ];
}

function conflictsOfWindows({
  osFamily: family,
  guestInit,
  windows: told,
}: GuestSettings): Conflict[] {
  const isWindows = family === 'windows';
  const isForWindows = guestInit === 'sysprep' || guestInit === 'none';
  return [
    [guestInit === 'sysprep' && !isWindows, 'guestInit', 'is for the osFamily windows only'],
    [isWindows && !isForWindows, 'guestInit', 'must be sysprep or none for windows'],
    [told !== null && guestInit !== 'sysprep', 'windows', 'goes with sysprep only'],
  ];
}
