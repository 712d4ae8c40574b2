import * as z from 'zod';
import { WRITE_ONLY } from '../credentials/secret-text';
import { PageQuery, pageOf } from '../paging/page';
import { VariableName } from './variable-name';

/** Where a variable holds, from the widest scope to the narrowest, which wins. */
export const VARIABLE_SCOPES = ['global', 'environment', 'group', 'host'] as const;
export type VariableScope = (typeof VARIABLE_SCOPES)[number];

export const VARIABLE_TYPES = ['string', 'number', 'boolean', 'list', 'dict', 'secret'] as const;
export type VariableType = (typeof VARIABLE_TYPES)[number];

const VALUES = {
  string: z.string().max(100_000),
  number: z.number(),
  boolean: z.boolean(),
  list: z.array(z.json()).max(10_000),
  dict: z.record(z.string().min(1).max(1_000), z.json()),
  secret: z.string().min(1).max(10_000).meta(WRITE_ONLY),
} as const satisfies Record<VariableType, z.ZodType>;

const section = z.string().trim().max(100).meta({ description: 'A heading to show it below.' });
const description = z.string().max(2_000);
const scope = z.enum(VARIABLE_SCOPES);
const ownerId = z.uuid().nullable().meta({
  description: 'The environment, group or host that it is of; null: the scope is global.',
});

const common = {
  name: VariableName,
  scope: scope.default('global'),
  ownerId: ownerId.default(null),
  section: section.default(''),
  description: description.default(''),
};

const typed = <Type extends VariableType>(type: Type) =>
  z.strictObject({ type: z.literal(type), value: VALUES[type], ...common });

/** What `POST /variables` takes. A value is taken as it is: Ansible does not evaluate templates in it. */
export const VariableInput = z
  .discriminatedUnion('type', [
    ...[typed('string'), typed('number'), typed('boolean')],
    ...[typed('list'), typed('dict'), typed('secret')],
  ] as const)
  .superRefine((input, context) => {
    if ((input.scope === 'global') !== (input.ownerId === null)) {
      const message =
        input.ownerId === null
          ? `must be the id of the ${input.scope} that the variable is of`
          : 'is not for global variables; leave it out, or name a scope';
      context.addIssue({ code: 'custom', path: ['ownerId'], message });
    }
  })
  .meta({ id: 'VariableInput' });
export type VariableInput = z.infer<typeof VariableInput>;

/** What `PATCH /variables/:id` takes: only what changes. A variable stays in its scope. */
export const VariableChange = z
  .strictObject({
    name: VariableName,
    section,
    description,
    type: z.enum(VARIABLE_TYPES),
    value: z.json().meta({ description: 'With its `type`. Of a secret: write-only.' }),
  })
  .partial()
  .superRefine(({ type, value }, context) => {
    if ((type === undefined) !== (value === undefined)) {
      const [path, other] = type === undefined ? ['type', 'value'] : ['value', 'type'];
      context.addIssue({ code: 'custom', path: [path], message: `must be sent with ${other}` });
    }
    const issues = type && VALUES[type].safeParse(value).error?.issues;
    for (const { path, message } of value === undefined ? [] : (issues ?? [])) {
      context.addIssue({ code: 'custom', path: ['value', ...path], message });
    }
  })
  .meta({ id: 'VariableChange' });
export type VariableChange = z.infer<typeof VariableChange>;

/** A variable as the API shows it; the value of a secret is never shown. */
export const VariableView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    scope,
    ownerId,
    type: z.enum(VARIABLE_TYPES),
    value: z.json().meta({ description: 'Null: it is a secret, which nobody is shown.' }),
    section: z.string(),
    description: z.string(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Variable' });
export type VariableView = z.infer<typeof VariableView>;

export const VariableFilter = z.strictObject({
  scope: scope.optional(),
  ownerId: z.uuid().optional(),
  section: z.string().max(100).optional(),
  name: z.string().max(200).optional().meta({ description: 'Part of the name, any case.' }),
});
export type VariableFilter = z.infer<typeof VariableFilter>;

export const VariableListQuery = PageQuery.extend(VariableFilter.shape);
export type VariableListQuery = z.infer<typeof VariableListQuery>;

export const VariablePage = pageOf(VariableView).meta({ id: 'VariablePage' });

/** Where a variable of a run comes from. */
export const VariableOrigin = z.object({
  scope: z.enum([...VARIABLE_SCOPES, 'run']),
  owner: z.string().nullable().meta({ description: 'Name of the environment, group or host.' }),
});
export type VariableOrigin = z.infer<typeof VariableOrigin>;

/** What holds for a host: one value for each name, and whose others it wins over. */
export const HostVariables = z
  .object({
    items: z.array(
      VariableView.extend({ owner: VariableOrigin.shape.owner, wins: z.array(VariableOrigin) }),
    ),
  })
  .meta({ id: 'HostVariables' });
export type HostVariables = z.infer<typeof HostVariables>;
