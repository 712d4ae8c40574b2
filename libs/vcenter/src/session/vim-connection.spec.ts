import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VCenterAccess } from '../vcenter-directory';
import { VimConnection } from './vim-connection';

const never = new AbortController().signal;
const FIND = {
  method: 'FindByIp',
  on: 'searchIndex',
  parameters: { ip: 'x', vmSearch: true },
} as const;
const CONTENT =
  '<RetrieveServiceContentResponse><returnval><rootFolder type="Folder">r</rootFolder>' +
  '<propertyCollector type="PropertyCollector">p</propertyCollector>' +
  '<about><apiType>VirtualCenter</apiType></about>' +
  '<sessionManager type="SessionManager">s</sessionManager>' +
  '<searchIndex type="SearchIndex">i</searchIndex></returnval></RetrieveServiceContentResponse>';

let server: Server;
let answers: Record<string, string>;
let asked: { method: string; cookie: string | undefined }[];
let connection: VimConnection;

beforeEach(async () => {
  answers = { RetrieveServiceContent: CONTENT };
  asked = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const method = /Body><(\w+)/.exec(body)?.[1] ?? '';
      asked.push({ method, cookie: request.headers.cookie });
      const answer = answers[method] ?? `<${method}Response/>`;
      response.setHeader('content-type', 'text/xml; charset=utf-8');
      response.setHeader('set-cookie', `vmware_soap_session="${asked.length}"; Path=/; HttpOnly`);
      response.end(`<e:Envelope xmlns:e="e" xmlns:xsi="x"><e:Body>${answer}</e:Body></e:Envelope>`);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  connection = connect();
});

afterEach(async () => {
  await connection.close();
  server.close();
});

function connect(change: Partial<VCenterAccess> = {}): VimConnection {
  const { port } = server.address() as AddressInfo;
  const access: VCenterAccess = {
    id: '1',
    name: 'Lab',
    url: `http://user:secret@127.0.0.1:${port}`,
    username: 'me',
    password: 'pass<word>',
    tls: { mode: 'system' },
    revision: '1',
    ...change,
  };
  return new VimConnection(access, 2_000);
}

function fault(type: string): string {
  return (
    `<e:Fault><faultstring>no</faultstring><detail><${type}Fault xsi:type="${type}"/></detail>` +
    '</e:Fault>'
  );
}

describe('a connection', () => {
  it('logs in at the first call and keeps the session', async () => {
    await connection.call(FIND, never);
    await connection.call(FIND, never);
    expect(asked).toEqual([
      { method: 'RetrieveServiceContent', cookie: undefined },
      { method: 'Login', cookie: 'vmware_soap_session="1"' },
      { method: 'FindByIp', cookie: 'vmware_soap_session="2"' },
      { method: 'FindByIp', cookie: 'vmware_soap_session="2"' },
    ]);
  });

  it('says which vCenter it is, without what stands before the @', () => {
    expect(connection.label).toMatch(/^vCenter Lab \(http:\/\/127\.0\.0\.1:\d+\/sdk\)$/);
  });

  it('gives up when every session is ended at once', async () => {
    answers['FindByIp'] = fault('NotAuthenticated');
    await expect(connection.call(FIND, never)).rejects.toMatchObject({
      code: 'vcenter-unreachable',
      transient: true,
    });
    expect(asked.filter(({ method }) => method === 'Login')).toHaveLength(2);
  });

  it('does not try a refused password again and again', async () => {
    answers['Login'] = fault('InvalidLogin');
    for (let times = 0; times < 3; times += 1) {
      await expect(connection.call(FIND, never)).rejects.toMatchObject({
        code: 'vcenter-login-refused',
      });
    }
    expect(asked.filter(({ method }) => method === 'Login')).toHaveLength(1);
  });

  it('refuses a single host', async () => {
    answers['RetrieveServiceContent'] = CONTENT.replace('VirtualCenter', 'HostAgent');
    await expect(connection.call(FIND, never)).rejects.toMatchObject({ code: 'vcenter-fault' });
    expect(asked.map(({ method }) => method)).toEqual(['RetrieveServiceContent']);
  });

  it('sends no password without TLS when the certificate shall be checked', async () => {
    const pinned = connect({ tls: { mode: 'pin', sha256: 'ab'.repeat(32) } });
    await expect(pinned.call(FIND, never)).rejects.toMatchObject({
      code: 'vcenter-certificate-refused',
    });
    expect(asked).toEqual([]);
    await pinned.close();
  });

  it.each(['<html><br></html>', ''])('takes an answer like %o for no answer', async (body) => {
    answers['FindByIp'] = body;
    const call = connection.call(FIND, never);
    if (body === '') await expect(call).resolves.toBeUndefined();
    else await expect(call).rejects.toMatchObject({ code: 'vcenter-unreachable', transient: true });
  });

  it('logs out', async () => {
    await connection.call(FIND, never);
    await connection.close();
    expect(asked.at(-1)?.method).toBe('Logout');
  });
});
