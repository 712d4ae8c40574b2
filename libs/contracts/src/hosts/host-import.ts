import * as z from 'zod';
import { InventoryName } from './host-name';

/** Columns of a CSV of hosts; the first three must be there. */
export const HOST_COLUMNS = [
  ...['name', 'address', 'os_family'],
  ...['credential', 'ssh_port', 'environment', 'groups', 'description'],
] as const;

/** The most hosts that one request imports. */
export const MOST_IMPORTED = 5_000;

/** What `POST /hosts/import` takes. */
export const HostImport = z
  .strictObject({
    csv: z
      .string()
      .min(1)
      .max(900_000)
      .meta({
        description: `A header line and a line per host; columns: ${HOST_COLUMNS.join(', ')}. Credential, environment and groups by name, several groups with semicolons.`,
      }),
    credentialId: z.uuid().optional().meta({
      description: 'For lines that name no credential.',
    }),
    dryRun: z.boolean().default(false).meta({ description: 'Checks all and adds nothing.' }),
  })
  .meta({ id: 'HostImport' });
export type HostImport = z.infer<typeof HostImport>;

/** The answer to `POST /hosts/import`. */
export const HostImportAnswer = z
  .object({
    dryRun: z.boolean(),
    hosts: z.array(
      z.object({
        line: z.number().int(),
        name: InventoryName,
        id: z.uuid().nullable().meta({ description: 'Null: nothing was added.' }),
      }),
    ),
  })
  .meta({ id: 'HostImportAnswer' });
export type HostImportAnswer = z.infer<typeof HostImportAnswer>;
