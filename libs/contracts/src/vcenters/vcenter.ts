import * as z from 'zod';
import { secretText } from '../credentials/secret-text';
import { pageOf } from '../paging/page';
import { PROBLEM_CODE_LIST } from '../problems/problem-codes';

/** How a vCenter's certificate is checked. */
export const TlsPolicy = z.discriminatedUnion('mode', [
  z
    .strictObject({ mode: z.literal('system') })
    .meta({ description: 'By the system’s own authorities.' }),
  z.strictObject({
    mode: z.literal('ca'),
    caPem: z.string().max(200_000).startsWith('-----BEGIN CERTIFICATE-----', {
      error: 'must be one or more certificates in PEM form',
    }),
  }),
  z.strictObject({
    mode: z.literal('pin'),
    sha256: z
      .string()
      .transform((text) => text.replaceAll(':', '').toLowerCase())
      .pipe(
        z
          .string()
          .regex(/^[0-9a-f]{64}$/, { error: 'must be a SHA-256 fingerprint: 64 hex digits' }),
      ),
  }),
  z
    .strictObject({ mode: z.literal('insecure') })
    .meta({ description: 'Not checked at all; audited.' }),
]);
export type TlsPolicy = z.infer<typeof TlsPolicy>;

const name = z.string().trim().min(1).max(100);
const url = z
  .url({
    protocol: /^https?$/,
    error: 'must be an address such as https://vcenter.example.net/sdk',
  })
  .max(500)
  .refine((text) => !hasCredentials(text), {
    error: 'must not hold a user or a password; send them as username and password',
  });
const username = z.string().min(1).max(200);
const password = secretText();

/** What `POST /vcenters` takes. */
export const VCenterInput = z
  .strictObject({ name, url, username, password, tls: TlsPolicy.default({ mode: 'system' }) })
  .meta({ id: 'VCenterInput' });
export type VCenterInput = z.infer<typeof VCenterInput>;

/** What `PATCH /vcenters/:id` takes: only what changes. */
export const VCenterChange = z
  .strictObject({ name, url, username, password, tls: TlsPolicy })
  .partial()
  .meta({ id: 'VCenterChange' });
export type VCenterChange = z.infer<typeof VCenterChange>;

/** Why an inventory could not be read, and what to do about it. */
export const SyncProblem = z
  .object({
    code: z.enum(PROBLEM_CODE_LIST),
    message: z.string().meta({ description: 'The cause, in plain words.' }),
    remedy: z.string(),
  })
  .meta({ id: 'SyncProblem' });
export type SyncProblem = z.infer<typeof SyncProblem>;

/** How well we know what a vCenter has. */
export const InventoryHealth = z
  .object({
    state: z.enum(['never-read', 'current', 'stale', 'failing']).meta({
      description:
        'current: a worker watches it, or it was read a moment ago. stale: nobody has looked for a while. failing: the last look failed.',
    }),
    revision: z.number().int().meta({ description: 'Grows with every change.' }),
    confirmedAt: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'When vCenter last told us what it has, or that nothing has changed.' }),
    ageSeconds: z.number().int().nullable().meta({ description: 'Seconds since confirmedAt.' }),
    lastProblem: SyncProblem.extend({ at: z.iso.datetime() }).nullable(),
    isReading: z.boolean().meta({ description: 'A sync-inventory run waits or is at work.' }),
    isWatched: z.boolean().meta({
      description: 'A worker listens to it, or begins to: changes are known within seconds.',
    }),
  })
  .meta({ id: 'InventoryHealth' });
export type InventoryHealth = z.infer<typeof InventoryHealth>;

/** A vCenter as the API shows it: never its password. */
export const VCenterView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    url: z.string(),
    username: z.string(),
    tls: z.discriminatedUnion('mode', [
      z.object({ mode: z.literal('system') }),
      z.object({ mode: z.literal('ca'), caPem: z.string() }),
      z.object({ mode: z.literal('pin'), sha256: z.string() }),
      z.object({ mode: z.literal('insecure') }),
    ]),
    syncedAt: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'When its inventory was last read as a whole.' }),
    inventory: InventoryHealth,
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'VCenter' });
export type VCenterView = z.infer<typeof VCenterView>;

/** The answer to `POST /vcenters`: the vCenter, and the run that reads its inventory. */
export const VCenterCreated = VCenterView.extend({ syncRunId: z.uuid() }).meta({
  id: 'VCenterCreated',
});
export type VCenterCreated = z.infer<typeof VCenterCreated>;

export const VCenterPage = pageOf(VCenterView).meta({ id: 'VCenterPage' });

function hasCredentials(text: string): boolean {
  const authority = /^[a-z]+:\/\/([^/?#]*)/i.exec(text)?.[1] ?? '';
  return authority.includes('@');
}
