import type { Provider } from '@angular/core';
import { type Permission, permissionsOf, type Role } from '@diaken/contracts';
import { CurrentSession } from '../current-session';

/** A session for tests: somebody with this role is signed in. */
export function signedInAs(role: Role): Provider {
  const may = (permission: Permission) => permissionsOf(role).includes(permission);
  return { provide: CurrentSession, useValue: { may } };
}
