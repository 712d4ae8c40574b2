import { RestClient } from '@diaken/client';
import { inject } from 'vitest';
import type { Needed, SystemAccess } from './machines';
import { ADMIN } from './system';

/** What the tests of one system share; plain data, because each test file is a process of its own. */
export interface SharedSystem {
  readonly url: string;
  readonly folder: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly keyFile: string;
  readonly lab: SystemAccess['lab'] & { readonly pid: number };
  readonly needed: Needed;
}

declare module 'vitest' {
  interface ProvidedContext {
    system: SharedSystem;
  }
}

/** The system that the global set-up started, with a client of its own. */
export async function sharedSystem(): Promise<SharedSystem & { readonly client: RestClient }> {
  const system = inject('system');
  const client = new RestClient(system.url);
  await client.signIn(ADMIN.username, ADMIN.password);
  return { ...system, client };
}
