import * as z from 'zod';
import { readYaml, wrongContent } from '../library/yaml-content';

const Required = z.union([z.string().min(1), z.looseObject({ name: z.string().min(1) })]);
const Role = z.union([
  Required,
  z.looseObject({ src: z.string().min(1) }),
  z.looseObject({ include: z.string().min(1) }),
]);

/** What ansible-galaxy takes: roles and collections, or a list of roles alone, as it once was. */
const Requirements = z.union([
  z.array(Role).min(1),
  z
    .strictObject({ roles: z.array(Role).optional(), collections: z.array(Required).optional() })
    .refine(({ roles = [], collections = [] }) => roles.length + collections.length > 0),
]);

/** Throws unless the text is what ansible-galaxy takes. Whether a server has it, only an installation tells. */
export function refuseUnlessRequirements(content: string): void {
  if (!Requirements.safeParse(readYaml(content)).success) {
    throw wrongContent(
      'must be requirements as ansible-galaxy reads them: roles and collections, each with its name',
    );
  }
}
