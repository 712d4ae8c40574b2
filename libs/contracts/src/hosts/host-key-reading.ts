import * as z from 'zod';

/** What `POST /hosts/:id/host-key` takes. */
export const HostKeyReading = z
  .strictObject({
    fingerprint: z
      .string()
      .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, {
        error: 'must be a fingerprint as ssh-keygen prints it: SHA256: and 43 characters',
      })
      .optional()
      .meta({
        description:
          'Of the key that the machine has: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on its console. Needed where vCenter cannot tell which machine answers, and where logging in tells it a password.',
      }),
  })
  .meta({ id: 'HostKeyReading' });
export type HostKeyReading = z.infer<typeof HostKeyReading>;
