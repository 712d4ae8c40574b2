import nx from '@nx/eslint-plugin';
import angular from 'angular-eslint';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Who may import whom. A project has exactly one tag; what is not named here is an error. */
const MAY_IMPORT = {
  contracts: [],
  pipeline: ['contracts'],
  provisioning: ['contracts', 'pipeline'],
  vcenter: ['contracts', 'pipeline', 'provisioning'],
  ansible: ['contracts', 'pipeline', 'provisioning'],
  runtime: ['contracts'],
  persistence: ['contracts', 'pipeline', 'provisioning', 'runtime'],
  embedded: [],
  client: ['contracts'],
  web: ['contracts'],
  api: ['contracts', 'provisioning', 'persistence', 'runtime'],
  worker: ['contracts', 'pipeline', 'provisioning', 'persistence', 'runtime', 'vcenter', 'ansible'],
  local: ['client', 'contracts', 'embedded', 'lab', 'runtime'],
  lab: [],
  system: [
    'client',
    'contracts',
    'pipeline',
    'provisioning',
    'persistence',
    'runtime',
    'vcenter',
    'ansible',
    'embedded',
    'lab',
  ],
};

/** Packages that reach vCenter and guests: only who is named may touch them. `runtime` reads key files. */
const ADAPTER_PACKAGES = {
  'node-ssh': ['ansible'],
  ssh2: ['ansible', 'runtime', 'system'],
  saxes: ['vcenter'],
  undici: ['vcenter', 'system'],
};
const SERVER_PACKAGES = ['@nestjs/*', 'typeorm', 'pg', 'bull', 'ioredis', 'express'];
/** Projects that know no framework, no database and no queue. */
const WITHOUT_SERVER = ['contracts', 'web', 'client', 'pipeline', 'provisioning'];

const boundaries = Object.entries(MAY_IMPORT).map(([scope, others]) => ({
  sourceTag: `scope:${scope}`,
  onlyDependOnLibsWithTags: [scope, ...others].map((other) => `scope:${other}`),
  bannedExternalImports: [
    ...Object.keys(ADAPTER_PACKAGES).filter((name) => !ADAPTER_PACKAGES[name].includes(scope)),
    ...(WITHOUT_SERVER.includes(scope) ? SERVER_PACKAGES : []),
  ],
  ...(scope === 'contracts' && { allowedExternalImports: ['zod', 'vitest'] }),
}));

export default tseslint.config(
  { ignores: ['dist/**', '.data/**', '.nx/**', '.angular/**'] },
  {
    files: ['**/*.ts', '**/*.mts'],
    extends: [tseslint.configs.strict, importX.flatConfigs.typescript],
    plugins: { '@nx': nx, 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({ project: `${import.meta.dirname}/tsconfig.base.json` }),
      ],
    },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], depConstraints: boundaries },
      ],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 50, skipComments: true }],
      'max-params': ['error', { max: 4 }],
      'max-depth': ['error', { max: 3 }],
      complexity: ['error', { max: 10 }],
      'no-console': 'error',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
    },
  },
  {
    // Nest hands its collaborators to constructors.
    files: ['apps/api/**/*.ts', 'apps/worker/**/*.ts'],
    rules: { 'max-params': ['error', { max: 7 }] },
  },
  {
    files: ['apps/web/**/*.ts'],
    extends: [angular.configs.tsRecommended],
    processor: angular.processInlineTemplates,
    rules: { '@angular-eslint/prefer-on-push-component-change-detection': 'off' },
  },
  {
    files: ['apps/web/**/*.html'],
    extends: [angular.configs.templateRecommended, angular.configs.templateAccessibility],
  },
  {
    // What also runs in a browser knows no Node.
    files: ['libs/contracts/**/*.ts', 'apps/web/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ regex: '^node:' }] }] },
  },
  {
    // Build files stand outside the projects' sources.
    files: ['**/*.mts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    // Programs for a terminal print; that is their job.
    files: ['apps/local/**/*.ts', 'test/bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 600 }],
      'max-lines-per-function': 'off',
      'max-params': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
);
