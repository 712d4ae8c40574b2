import * as z from 'zod';
import { secretText, WRITE_ONLY } from '../credentials/secret-text';
import { PERMISSIONS, ROLES } from './permissions';

/** What `POST /session` takes. */
export const SignIn = z
  .strictObject({ username: z.string().min(1).max(100), password: secretText() })
  .meta({ id: 'SignIn' });
export type SignIn = z.infer<typeof SignIn>;

/** Who is signed in, and what they may do. */
export const SessionView = z
  .object({
    username: z.string(),
    role: z.enum(ROLES),
    permissions: z.array(z.enum(PERMISSIONS)),
    mustChangePassword: z.boolean(),
  })
  .meta({ id: 'Session' });
export type SessionView = z.infer<typeof SessionView>;

/** Shortest password we take (NIST SP 800-63B asks for 8 at least, 15 where it stands alone). */
export const MIN_PASSWORD_LENGTH = 12;

/** What `PUT /session/password` takes. */
export const PasswordChange = z
  .strictObject({
    currentPassword: secretText(),
    newPassword: secretText()
      .min(MIN_PASSWORD_LENGTH, { error: `must have at least ${MIN_PASSWORD_LENGTH} characters` })
      .meta(WRITE_ONLY),
  })
  .refine((change) => change.newPassword !== change.currentPassword, {
    path: ['newPassword'],
    error: 'must differ from the current password',
  })
  .meta({ id: 'PasswordChange' });
export type PasswordChange = z.infer<typeof PasswordChange>;
