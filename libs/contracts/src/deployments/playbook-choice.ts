import * as z from 'zod';
import { VariableName } from '../variables/variable-name';

/** Playbooks that somebody chose. */
export const PlaybookIds = z.array(z.uuid()).max(20).meta({
  description: 'Playbooks to run once the machine is verified, in this order.',
});

/** Variables for the chosen playbooks. They win over all that are stored. */
export const ExtraVars = z
  .record(z.string(), z.json())
  .superRefine((variables, context) => {
    for (const name of Object.keys(variables)) {
      const [issue] = VariableName.safeParse(name).error?.issues ?? [];
      if (issue) {
        context.addIssue({ code: 'custom', path: [name], message: issue.message });
      }
    }
  })
  .meta({
    description:
      'Variables for the playbooks, taken as they are: no templates. Not for secrets: they are shown in the run.',
  });
