import * as z from 'zod';
import { VARIABLE_SCOPES, VARIABLE_TYPES, VariableFilter } from './variable';
import { VariableName } from './variable-name';

/** A variable in a file: what it is of goes by name. */
export const FiledVariable = z.strictObject({
  scope: z.enum(VARIABLE_SCOPES).default('global'),
  environment: z.string().max(100).optional(),
  group: z.string().max(100).optional(),
  host: z.string().max(253).optional(),
  name: VariableName,
  type: z.enum(VARIABLE_TYPES),
  value: z.json().optional(),
  section: z.string().trim().max(100).default(''),
  description: z.string().max(2_000).default(''),
});
export type FiledVariable = z.infer<typeof FiledVariable>;

/** The most variables that one request imports. */
export const MOST_FILED = 5_000;

/** A file of variables. Secrets are exported without their values. */
export const VariableFile = z
  .strictObject({ variables: z.array(FiledVariable).max(MOST_FILED) })
  .meta({ id: 'VariableFile' });
export type VariableFile = z.infer<typeof VariableFile>;

export const VariableExportQuery = VariableFilter.extend({
  format: z.enum(['json', 'yaml']).default('yaml'),
});
export type VariableExportQuery = z.infer<typeof VariableExportQuery>;

/** What `POST /variables/import` takes. */
export const VariableImport = z
  .strictObject({
    content: z.string().min(1).max(900_000).meta({ description: 'The file: JSON or YAML.' }),
    existing: z.enum(['skip', 'overwrite']).default('skip').meta({
      description: 'What becomes of variables that there are already.',
    }),
    dryRun: z.boolean().default(false).meta({ description: 'Checks all and changes nothing.' }),
  })
  .meta({ id: 'VariableImport' });
export type VariableImport = z.infer<typeof VariableImport>;

/** The answer to `POST /variables/import`; counts are of variables. */
export const VariableImportAnswer = z
  .object({
    dryRun: z.boolean(),
    created: z.number().int(),
    updated: z.number().int(),
    skipped: z.number().int(),
    withoutValue: z.array(z.string()).meta({
      description: 'Secrets that were left out because the file has no value for them.',
    }),
  })
  .meta({ id: 'VariableImportAnswer' });
export type VariableImportAnswer = z.infer<typeof VariableImportAnswer>;
