import * as z from 'zod';
import { OS_FAMILIES } from '../hosts/os-family';
import { WindowsSettings } from './windows-settings';

/** How a guest gets its name and address when its machine starts for the first time. */
export const GUEST_INITS = [
  'cloud-init',
  'linuxprep',
  'sysprep',
  'staging-address',
  'none',
] as const;
export type GuestInit = (typeof GUEST_INITS)[number];

/** Whether a request says the machine's address, or a DHCP server. */
export const ADDRESS_MODES = ['static', 'dhcp'] as const;

/** When a machine counts as ready. */
export const Readiness = z
  .string()
  .regex(/^(none|tools|address|login|tcp:([1-9]\d{0,4}))$/, {
    error: 'must be none, tools, address, login, or tcp: and a port, such as tcp:443',
  })
  .refine((text) => (portOf(text) ?? 1) <= 65_535, { error: 'names a port above 65535' });

/** What a deployment goes by for its guest: the template's profile as it was when the machine was asked for. */
export const GuestSettings = z.object({
  osFamily: z.enum(OS_FAMILIES),
  guestInit: z.enum(GUEST_INITS),
  address: z.enum(ADDRESS_MODES),
  readiness: Readiness,
  interpreter: z.string().nullable(),
  stagingAddress: z.string().nullable(),
  /** Null: as Sysprep is told where nobody says otherwise. */
  windows: WindowsSettings.nullable().default(null),
});
export type GuestSettings = z.infer<typeof GuestSettings>;

/** How the guests of a template that has no profile are treated. */
export const WITHOUT_PROFILE: GuestSettings = {
  osFamily: 'debian',
  guestInit: 'linuxprep',
  address: 'static',
  readiness: 'login',
  interpreter: null,
  stagingAddress: null,
  windows: null,
};

/** The port of the readiness `tcp:<port>`; undefined of every other. */
export function portOf(readiness: string): number | undefined {
  const [, port] = /^tcp:(\d+)$/.exec(readiness) ?? [];
  return port === undefined ? undefined : Number(port);
}
