/** What a route may ask of its caller. */
export const PERMISSIONS = [
  'runs:read',
  'runs:write',
  'deployments:write',
  'hosts:read',
  'hosts:write',
  'machines:destroy',
  'environments:read',
  'environments:write',
  'variables:read',
  'variables:write',
  'sizes:read',
  'sizes:write',
  'playbooks:read',
  'playbooks:write',
  'projects:read',
  'projects:write',
  'credentials:read',
  'credentials:write',
  'vcenters:read',
  'vcenters:write',
  'blueprints:read',
  'blueprints:write',
  'networks:read',
  'networks:write',
  'template-profiles:read',
  'template-profiles:write',
  'queue:read',
  'queue:write',
  'tokens:own',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ['viewer', 'operator', 'author', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const VIEWER = [
  ...PERMISSIONS.filter((permission) => permission.endsWith(':read')),
  'tokens:own',
] as const;
const OPERATOR = [...VIEWER, 'runs:write', 'deployments:write', 'hosts:write'] as const;
// Who writes playbooks can destroy what any machine holds anyway.
const AUTHOR = [
  ...OPERATOR,
  ...(['playbooks:write', 'projects:write', 'blueprints:write', 'variables:write'] as const),
  ...(['template-profiles:write', 'machines:destroy'] as const),
] as const;

const PERMISSIONS_OF: Record<Role, readonly Permission[]> = {
  viewer: VIEWER,
  operator: OPERATOR,
  author: AUTHOR,
  admin: PERMISSIONS,
};

/** Everything a role may do. */
export function permissionsOf(role: Role): readonly Permission[] {
  return PERMISSIONS_OF[role];
}
