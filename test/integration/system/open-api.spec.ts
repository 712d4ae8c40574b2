import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT } from '../../support/system';

const FILE = join(ROOT, 'apps/api/openapi.json');
const UPDATE =
  'DIAKEN_UPDATE_DOCS=1 npx vitest run --config test/vitest.config.mts --project system test/integration/system/open-api';

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { name: string; in: string; schema?: unknown }[];
  readonly requestBody?: { content: Record<string, { schema: { $ref?: string } }> };
  readonly responses: Record<string, { content?: Record<string, { schema: { $ref?: string } }> }>;
  readonly security?: readonly object[];
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: object; readonly securitySchemes: object };
}

describe('the OpenAPI document', () => {
  let served: string;
  let document: Document;
  let operations: { name: string; path: string; operation: Operation }[];

  beforeAll(async () => {
    const response = await fetch(`${inject('system').url}/api/openapi.json`);
    served = await format(await response.text(), {
      ...(await resolveConfig(FILE)),
      filepath: FILE,
    });
    document = JSON.parse(served);
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        path,
        operation,
      })),
    );
    if (process.env['DIAKEN_UPDATE_DOCS'] === '1') {
      await writeFile(FILE, served);
    }
  });

  it(`is the one in apps/api/openapi.json; after a change, run: ${UPDATE}`, async () => {
    expect(await readFile(FILE, 'utf8')).toBe(served);
  });

  it('is of OpenAPI 3.1 and says how to sign in', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: 'Diaken', version: '1' });
    expect(Object.keys(document.components.securitySchemes).sort()).toEqual(['session', 'token']);
  });

  it('refers only to what it has', () => {
    const references = [...served.matchAll(/"\$ref": "([^"]+)"/g)].map(([, to]) => to ?? '');
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((reference) => !has(document, reference))).toEqual([]);
  });

  it('has an id of its own, a summary and a tag for every operation', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(operations.length);
    expect(namesOf(({ operation }) => !operation.operationId)).toEqual([]);
    expect(namesOf(({ operation }) => !operation.summary)).toEqual([]);
    expect(namesOf(({ operation }) => !operation.tags?.length)).toEqual([]);
  });

  it('describes every parameter, those in the path first of all', () => {
    expect(
      namesOf(({ path, operation }) => {
        const inPath = (operation.parameters ?? []).filter((one) => one.in === 'path');
        return (
          inPath
            .map(({ name }) => `{${name}}`)
            .sort()
            .join() !== (path.match(/\{\w+\}/g) ?? []).sort().join()
        );
      }),
    ).toEqual([]);
    expect(
      namesOf(({ operation }) => (operation.parameters ?? []).some(({ schema }) => !schema)),
    ).toEqual([]);
  });

  it('names the body of every request and of every answer', () => {
    const schemaOf = (content: Operation['requestBody']) =>
      content?.content['application/json']?.schema.$ref;
    // What is uploaded is a text as it is.
    const isFile = (path: string) => path.endsWith('/content');
    expect(
      namesOf(
        ({ path, operation }) =>
          operation.requestBody !== undefined && !isFile(path) && !schemaOf(operation.requestBody),
      ),
    ).toEqual([]);
    // Streams and files are no JSON; 204 and 304 have no body.
    const unnamed = operations.flatMap(({ name, operation }) =>
      Object.entries(operation.responses)
        .filter(([status]) => /^20[012]$/.test(status))
        .filter(([, { content }]) => !content?.['application/json']?.schema.$ref)
        .map(() => name),
    );
    expect(unnamed.sort()).toEqual([
      'GET /api/v1/addresses/csv',
      'GET /api/v1/file-templates/{id}/content',
      'GET /api/v1/hosts/inventory',
      'GET /api/v1/playbooks/{id}/content',
      'GET /api/v1/requirements/{id}/content',
      'GET /api/v1/runs/{id}/log/stream',
      'GET /api/v1/scripts/{id}/content',
      'GET /api/v1/variables/export',
    ]);
  });

  it('has a success and a problem for every operation', () => {
    expect(
      namesOf(
        ({ operation }) =>
          !Object.keys(operation.responses).some((status) => /^2\d\d$/.test(status)),
      ),
    ).toEqual([]);
    expect(
      namesOf(
        ({ operation }) =>
          operation.responses['default']?.content?.['application/problem+json']?.schema.$ref !==
          '#/components/schemas/Problem',
      ),
    ).toEqual([]);
  });

  it('asks nobody to be signed in for signing in and for health', () => {
    expect(namesOf(({ operation }) => operation.security?.length === 1)).toEqual([
      'POST /api/v1/session',
      'GET /api/v1/health/live',
      'GET /api/v1/health/ready',
    ]);
  });

  it('offers the idempotency key wherever a request starts a run', () => {
    const withKey = namesOf(({ operation }) =>
      (operation.parameters ?? []).some(({ name }) => name === 'Idempotency-Key'),
    );
    // What is done to runs that there are cannot be done twice anyhow: their status refuses it.
    const decides = /\/runs\/(cancel|\{id\}\/(cancel|resume|roll-back|keep))$/;
    const starts = namesOf(({ operation }) => '202' in operation.responses);
    expect(withKey).toEqual(starts.filter((name) => !decides.test(name)));
  });

  it('is shown as a page', async () => {
    const page = await fetch(`${inject('system').url}/api/docs`);
    expect(page.status).toBe(200);
    expect(page.headers.get('Content-Type')).toContain('text/html');
  });

  function namesOf(isMeant: (one: { path: string; operation: Operation }) => boolean): string[] {
    return operations.filter(isMeant).map(({ name }) => name);
  }
});

/** Whether a reference such as `#/components/schemas/Run` leads to something. */
function has(document: object, reference: string): boolean {
  const parts = reference.split('/').slice(1);
  const found = parts.reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[part] : undefined,
    document,
  );
  return reference.startsWith('#/') && found !== undefined;
}
