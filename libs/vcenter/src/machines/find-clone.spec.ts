import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type VCenterAccess, VCenterDirectory } from '../vcenter-directory';
import { VsphereVCenter } from '../vsphere-vcenter';
import { annotationOf } from './run-annotation';

const RUN = '0f0e0d0c-0b0a-4900-8000-00000000000a';
const OTHER = '0f0e0d0c-0b0a-4900-8000-00000000000b';
const SOUGHT = { runId: RUN, name: 'web-01', folder: { moRef: 'group-v1', name: 'vm' } };
const CONTENT =
  '<rootFolder type="Folder">r</rootFolder>' +
  '<propertyCollector type="PropertyCollector">p</propertyCollector>' +
  '<about><apiType>VirtualCenter</apiType></about>' +
  '<sessionManager type="SessionManager">s</sessionManager>' +
  '<searchIndex type="SearchIndex">i</searchIndex>';
const MACHINE = '<returnval type="VirtualMachine">vm-1</returnval>';

let server: Server;
let vcenter: VsphereVCenter;
/** What vCenter answers, by method: what stands in the response. */
let answers: Record<string, string>;

class OneVCenter extends VCenterDirectory {
  override async find(id: string): Promise<VCenterAccess> {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const tls = { mode: 'system' } as const;
    return { id, name: 'Lab', url, username: 'me', password: 'pass', tls, revision: '1' };
  }
}

beforeEach(async () => {
  answers = { RetrieveServiceContent: `<returnval>${CONTENT}</returnval>` };
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const method = /Body><(\w+)/.exec(body)?.[1] ?? '';
      const answer = answers[method] ?? '';
      response.setHeader('content-type', 'text/xml; charset=utf-8');
      response.end(
        '<e:Envelope xmlns:e="e" xmlns:xsi="x" xmlns:xsd="y"><e:Body>' +
          (answer.startsWith('<e:Fault>')
            ? answer
            : `<${method}Response>${answer}</${method}Response>`) +
          '</e:Body></e:Envelope>',
      );
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  vcenter = new VsphereVCenter(new OneVCenter());
});

afterEach(async () => {
  await vcenter.close();
  server.close();
});

const find = () => vcenter.findClone('1', SOUGHT, AbortSignal.timeout(5_000));

function property(name: string, value: string): string {
  return `<propSet><name>${name}</name><val xsi:type="xsd:string">${value}</val></propSet>`;
}

/** The machine of the name has these properties. */
function seen(properties: Record<string, string>): void {
  const all = Object.entries(properties).map(([name, value]) => property(name, value));
  const object = `<obj type="VirtualMachine">vm-1</obj>${all.join('')}`;
  answers['FindChild'] = MACHINE;
  answers['RetrievePropertiesEx'] = `<returnval><objects>${object}</objects></returnval>`;
}

describe('a clone that was asked for', () => {
  it('is absent while nothing has its id or its name', async () => {
    expect(await find()).toEqual({ state: 'absent' });
  });

  it('is being made while what has its name has no configuration', async () => {
    seen({ name: 'web-01' });
    expect(await find()).toEqual({ state: 'being-made' });
  });

  it('is being made while what has its id has no configuration', async () => {
    seen({ name: 'web-01' });
    answers['FindByUuid'] = MACHINE;
    expect(await find()).toEqual({ state: 'being-made' });
  });

  it.each([
    ['instance UUID', { 'config.instanceUuid': RUN.toUpperCase() }],
    ['annotation', { 'config.instanceUuid': OTHER, 'config.annotation': annotationOf(RUN) }],
  ])('is being made when only its %s tells of the run', async (_, properties) => {
    seen(properties);
    expect(await find()).toEqual({ state: 'being-made' });
  });

  it('is absent when somebody else’s machine has its name', async () => {
    const annotation = annotationOf(OTHER);
    seen({ 'config.instanceUuid': OTHER, 'config.annotation': annotation });
    expect(await find()).toEqual({ state: 'absent' });
  });

  it('is absent when something else than a machine has its name', async () => {
    answers['FindChild'] = '<returnval type="Folder">group-v2</returnval>';
    expect(await find()).toEqual({ state: 'absent' });
  });

  it.each(['FindChild', 'RetrievePropertiesEx'])(
    'is absent when its folder, or what had its name, is gone (%s)',
    async (method) => {
      const fault = 'ManagedObjectNotFound';
      answers['FindChild'] = MACHINE;
      answers[method] =
        `<e:Fault><faultstring>no</faultstring><detail><${fault}Fault xsi:type="${fault}">` +
        `<obj type="VirtualMachine">vm-1</obj></${fault}Fault></detail></e:Fault>`;
      expect(await find()).toEqual({ state: 'absent' });
    },
  );

  it('cannot be told when vCenter does not let us read what has its name', async () => {
    answers['FindChild'] = MACHINE;
    const refused =
      '<missingSet><path>config.instanceUuid</path><fault><fault xsi:type="NoPermission"/>' +
      '</fault></missingSet>';
    answers['RetrievePropertiesEx'] =
      `<returnval><objects><obj type="VirtualMachine">vm-1</obj>${refused}</objects></returnval>`;
    await expect(find()).rejects.toMatchObject({ code: 'vcenter-permission-denied' });
  });
});
