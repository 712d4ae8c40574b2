/** Where the REST API lives; every path below is relative to it. */
export const API_PREFIX = '/api/v1';

/** One noun, one path. Used by the controllers, the SPA and the links in answers. */
export const ROUTES = {
  session: 'session',
  tokens: 'tokens',
  deployments: 'deployments',
  batches: 'batches',
  blueprints: 'blueprints',
  runs: 'runs',
  vcenters: 'vcenters',
  credentials: 'credentials',
  playbooks: 'playbooks',
  scripts: 'scripts',
  fileTemplates: 'file-templates',
  requirements: 'requirements',
  projects: 'projects',
  environments: 'environments',
  groups: 'groups',
  sizes: 'sizes',
  hosts: 'hosts',
  networkProfiles: 'network-profiles',
  variables: 'variables',
  templateProfiles: 'template-profiles',
  addresses: 'addresses',
  queue: 'queue',
  health: 'health',
} as const;

/** Absolute path of one run, or of something below it. */
export function runPath(
  id: string,
  below?: 'status' | 'events' | 'log' | 'log/stream' | 'wait',
): string {
  return `${API_PREFIX}/${ROUTES.runs}/${id}${below ? `/${below}` : ''}`;
}
