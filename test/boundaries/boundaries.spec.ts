import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const RULE = '@nx/enforce-module-boundaries';

const eslint = new ESLint({ cwd: ROOT });

const importing = (module: string) =>
  `import * as found from '${module}';\nexport const use = found;\n`;

/** What the boundary rule says of a file in this folder that imports this module. */
async function refusalsOf(folder: string, module: string): Promise<string[]> {
  const code = importing(module);
  // The rule goes by the place of the file; it need not be there.
  const [result] = await eslint.lintText(code, { filePath: join(ROOT, folder, 'imagined.ts') });
  if (!result || result.messages.some(({ fatal }) => fatal)) {
    throw new Error(`${folder} was not checked: ${result?.messages[0]?.message}`);
  }
  return result.messages.filter(({ ruleId }) => ruleId === RULE).map(({ message }) => message);
}

/** What the compiler says of a file of this project that imports this module. */
function errorsOf(project: string, configuration: string, module: string): string[] {
  const file = join(ROOT, project, 'src/imagined.ts');
  const read = ts.readConfigFile(join(ROOT, project, configuration), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, join(ROOT, project));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? importing(module) : readFile(name));
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  return program
    .getSemanticDiagnostics(source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

describe('ESLint refuses', () => {
  it.each([
    // The API takes requests; the worker alone speaks to vCenter and to guests.
    ['apps/api/src', '@diaken/vcenter'],
    ['apps/api/src', '@diaken/ansible'],
    ['apps/api/src', '@diaken/pipeline'],
    ['apps/api/src/deployments', 'node-ssh'],
    ['apps/api/src/deployments', 'ssh2'],
    ['apps/api/src/vcenters', 'undici'],
    ['apps/api/src/vcenters', 'saxes'],
    // Programs do not reach into each other.
    ['apps/api/src', '../../worker/src/worker.module'],
    ['apps/worker/src', '../../api/src/application'],
    ['apps/worker/src', '../../../libs/vcenter/src/index'],
    ['apps/local/src', '@diaken/persistence'],
    // What runs in a browser.
    ['apps/web/src/app', '@diaken/persistence'],
    ['apps/web/src/app', '@diaken/runtime'],
    ['apps/web/src/app', '@nestjs/common'],
    ['apps/web/src/app', 'typeorm'],
    ['apps/web/src/app', 'pg'],
    // The contract depends on nobody.
    ['libs/contracts/src', '@diaken/runtime'],
    ['libs/contracts/src', '@nestjs/common'],
    ['libs/contracts/src', 'typeorm'],
    ['libs/contracts/src', 'rxjs'],
    // The domain knows ports, not adapters.
    ['libs/pipeline/src', '@diaken/provisioning'],
    ['libs/pipeline/src', '@diaken/persistence'],
    ['libs/pipeline/src', '@nestjs/common'],
    ['libs/pipeline/src', 'typeorm'],
    ['libs/provisioning/src', '@diaken/vcenter'],
    ['libs/provisioning/src', '@diaken/ansible'],
    ['libs/provisioning/src/deploy-vm', 'node-ssh'],
    ['libs/provisioning/src/deploy-vm', 'undici'],
    ['libs/provisioning/src/deploy-vm', 'pg'],
    ['libs/provisioning/src/deploy-vm', 'bull'],
    // Adapters do not know each other.
    ['libs/vcenter/src', '@diaken/ansible'],
    ['libs/vcenter/src', '@diaken/persistence'],
    ['libs/ansible/src', '@diaken/vcenter'],
    ['libs/persistence/src', '@diaken/ansible'],
    ['libs/runtime/src', '@diaken/persistence'],
    ['libs/client/src', '@diaken/runtime'],
    ['libs/embedded/src', '@diaken/runtime'],
    // The lab is for tests and for the launcher.
    ['apps/api/src', '@diaken/lab'],
    ['apps/worker/src', '@diaken/lab'],
    ['libs/vcenter/src', '@diaken/lab'],
  ])('in %s an import of %s', async (folder, module) => {
    expect(await refusalsOf(folder, module)).toHaveLength(1);
  });
});

describe('ESLint allows', () => {
  it.each([
    ['apps/api/src', '@diaken/persistence'],
    ['apps/api/src', '@nestjs/common'],
    ['apps/worker/src', '@diaken/vcenter'],
    ['apps/web/src/app', '@diaken/contracts'],
    ['apps/web/src/app', 'rxjs'],
    ['libs/contracts/src', 'zod'],
    ['libs/provisioning/src', '@diaken/pipeline'],
    ['libs/vcenter/src', 'undici'],
    ['libs/ansible/src', 'node-ssh'],
    ['libs/persistence/src', 'typeorm'],
    ['test/integration', '@diaken/lab'],
  ])('in %s an import of %s', async (folder, module) => {
    expect(await refusalsOf(folder, module)).toEqual([]);
  });
});

// ESLint's rule knows projects and packages; what Node itself brings, only the compiler can refuse.
describe('the compiler', () => {
  it.each([
    ['libs/contracts', 'tsconfig.json', 'node:fs'],
    ['libs/contracts', 'tsconfig.json', 'crypto'],
    ['apps/web', 'tsconfig.app.json', 'node:fs'],
    ['apps/web', 'tsconfig.app.json', 'crypto'],
  ])('refuses in %s (%s) an import of %s', (project, configuration, module) => {
    expect(errorsOf(project, configuration, module)).toEqual([
      expect.stringContaining(`Cannot find name '${module}'`),
    ]);
  });

  it('allows on a server an import of node:fs', () => {
    expect(errorsOf('apps/api', 'tsconfig.json', 'node:fs')).toEqual([]);
  });
});

describe('every project', () => {
  it.each(projectFolders())('%s is formatted, linted, type-checked and tested', async (folder) => {
    const text = await readFile(join(ROOT, folder, 'project.json'), 'utf8');
    const { targets } = JSON.parse(text) as { targets: Record<string, unknown> };
    const isTested = folder === 'test' || 'test' in targets || !hasSpecs(join(ROOT, folder));
    expect(Object.keys(targets)).toEqual(expect.arrayContaining(['format', 'lint', 'typecheck']));
    expect(isTested).toBe(true);
  });
});

function projectFolders(): string[] {
  const below = (parent: string) =>
    readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`);
  return ['test', ...below('apps'), ...below('libs')].filter((folder) =>
    existsSync(join(ROOT, folder, 'project.json')),
  );
}

function hasSpecs(folder: string): boolean {
  return readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('.spec.ts'));
}
