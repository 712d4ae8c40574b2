import * as z from 'zod';

/** Greenwich without summer time, in Microsoft's table of time zones. */
const UTC = 90;

const NetBiosName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,14}$/, {
  error: 'must be a NetBIOS name: 1 to 15 letters, digits, hyphens',
});

/** What Sysprep is told of a Windows machine besides its name, address and password. */
export const WindowsSettings = z
  .strictObject({
    timeZone: z.number().int().min(0).max(999).default(UTC).meta({
      description: 'Index in Microsoft’s table of time zones; 90: Greenwich without summer time.',
    }),
    owner: z.string().min(1).max(63).default('Owner'),
    organization: z.string().min(1).max(63).default('Organization'),
    autoLogons: z.number().int().min(0).max(100).default(0).meta({
      description: 'How often the Administrator is logged in by itself after the first start.',
    }),
    workgroup: NetBiosName.default('WORKGROUP').meta({
      description: 'Only where it joins no domain.',
    }),
    domain: z
      .strictObject({
        name: z.string().min(1).max(255).meta({ description: 'Such as corp.example.net.' }),
        credentialId: z.uuid().meta({
          description: 'A credential of the kind winrm: a user who may join machines to it.',
        }),
      })
      .optional()
      .meta({ description: 'The Active Directory domain that it joins.' }),
  })
  .meta({ id: 'WindowsSettings' });
export type WindowsSettings = z.infer<typeof WindowsSettings>;
