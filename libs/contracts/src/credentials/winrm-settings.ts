import * as z from 'zod';

const PORTS = { https: 5986, http: 5985 } as const;

const Settled = z.object({
  transport: z.enum(['ntlm', 'basic', 'kerberos', 'credssp']),
  scheme: z.enum(['https', 'http']),
  port: z.number().int(),
  validateCertificate: z.boolean(),
});

/** How to reach WinRM on a guest. */
export const WinrmSettings = z
  .strictObject({
    transport: Settled.shape.transport.default('ntlm'),
    scheme: Settled.shape.scheme.default('https').meta({
      description: 'With http, `basic` sends the password in clear.',
    }),
    port: z.number().int().min(1).max(65_535).optional().meta({
      description: 'Left out: 5986 for https, 5985 for http.',
    }),
    validateCertificate: z.boolean().default(true).meta({
      description: 'Whether the certificate must come from an authority that the worker trusts.',
    }),
  })
  .transform(({ port, ...rest }) => ({ ...rest, port: port ?? PORTS[rest.scheme] }))
  .pipe(Settled);
export type WinrmSettings = z.infer<typeof WinrmSettings>;
