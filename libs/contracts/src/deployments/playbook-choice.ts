import * as z from 'zod';

/** Playbooks that somebody chose. */
export const PlaybookIds = z.array(z.uuid()).max(20).meta({
  description: 'Playbooks to run once the machine is verified, in this order.',
});

/** Variables for the chosen playbooks. */
export const ExtraVars = z
  .record(
    z.string().regex(/^[A-Za-z_]\w*$/, { error: 'must be an Ansible variable name' }),
    z.json(),
  )
  .superRefine((variables, context) => {
    for (const name of Object.keys(variables)) {
      if (name.startsWith('ansible_')) {
        const message =
          'ansible_* variables say how to connect and cannot be set; choose another name';
        context.addIssue({ code: 'custom', path: [name], message });
      }
    }
  })
  .meta({
    description: 'Variables for the playbooks. Not for secrets: they are shown in the run.',
  });
