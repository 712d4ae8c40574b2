import * as z from 'zod';
import { pageOf } from '../paging/page';

const name = z.string().trim().min(1).max(60);

/** Where a Git server keeps a repository; no user or password of HTTPS: these are the credential’s. */
const url = z
  .string()
  .max(500)
  .regex(/^(https:\/\/[^\s/@]+\/\S+|ssh:\/\/([\w.-]+@)?[^\s/@-][^\s/@]*\/\S+)$/, {
    error:
      'must be the address of a Git repository: https://git.example.net/infra/site.git or ssh://git@git.example.net/infra/site.git',
  })
  .meta({ description: 'https:// or ssh://, without a password.' });

const ref = z
  .string()
  .max(200)
  .regex(/^(?!.*(\.\.|@\{|\/\/))[A-Za-z0-9_][\w./+-]*$/, {
    error: 'must be a branch, a tag or the full id of a commit',
  })
  .meta({ description: 'Branch, tag, or full id of a commit.' });

const credentialId = z
  .uuid({ error: 'must be the id of a credential; GET /credentials lists them' })
  .nullable()
  .meta({ description: 'Key or password for the Git server; null: none is needed.' });

const caPem = z
  .string()
  .max(200_000)
  .startsWith('-----BEGIN CERTIFICATE-----', {
    error: 'must be one or more certificates in PEM form',
  })
  .nullable()
  .meta({ description: 'Authority of the HTTPS server; null: the system’s own.' });

const hostKey = z
  .string()
  .max(4_000)
  .regex(/^[a-z0-9@.-]+ [A-Za-z0-9+/]+=*$/, { error: 'must be of the form "type base64"' })
  .nullable()
  .meta({
    description:
      'The host key of the SSH server. null: the key that the next sync sees is pinned from then on.',
  });

/** What `POST /projects` and `PUT /projects/:id` take. */
export const ProjectInput = z
  .strictObject({
    ...{ name, url, ref: ref.default('main') },
    ...{ credentialId: credentialId.default(null), caPem: caPem.default(null) },
    hostKey: hostKey.default(null),
  })
  .meta({ id: 'ProjectInput' });
export type ProjectInput = z.infer<typeof ProjectInput>;

/** A Git repository whose playbooks are in the library. */
export const ProjectView = z
  .object({
    ...{ id: z.uuid(), name: z.string(), url: z.string(), ref: z.string() },
    ...{ credentialId: z.uuid().nullable(), caPem: z.string().nullable() },
    hostKey: z.string().nullable(),
    commit: z.string().nullable().meta({ description: 'The commit that was synced last.' }),
    syncedAt: z.iso.datetime().nullable(),
    syncRunId: z.uuid().nullable().meta({ description: 'The last sync that was asked for.' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Project' });
export type ProjectView = z.infer<typeof ProjectView>;

export const ProjectPage = pageOf(ProjectView).meta({ id: 'ProjectPage' });
