import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { VimConnection } from '../session/vim-connection';
import { failureOfTransport } from './transport-failure';

/** What the first call to this address fails with. */
async function failureAt(url: string): Promise<unknown> {
  const tls = { mode: 'system' } as const;
  const access = { id: '1', name: 'Lab', url, username: 'me', password: 'secret', tls };
  const connection = new VimConnection({ ...access, revision: '1' }, 2_000);
  const call = connection.serviceObject('rootFolder', new AbortController().signal);
  const failure = await call.catch((error: unknown) => error);
  await connection.close();
  return failure;
}

async function withServer<T>(
  answer: RequestListener,
  work: (authority: string) => Promise<T>,
): Promise<T> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

describe('what stands between us and vCenter', () => {
  it('is named with the vCenter', async () => {
    expect(await failureAt('http://127.0.0.1:1/')).toMatchObject({
      code: 'vcenter-unreachable',
      transient: true,
      message:
        'vCenter Lab (http://127.0.0.1:1/sdk) cannot be reached: the connection was refused.',
    });
  });

  it.each([
    ['ENOTFOUND', 'its name is not known to the DNS'],
    ['UND_ERR_SOCKET', 'broken off'],
    ['HPE_INVALID_CONSTANT', 'does not speak HTTP'],
  ])('is put into words: %s', async (code, words) => {
    const error = new Error('wrapped', { cause: Object.assign(new Error('raw'), { code }) });
    const failure = await failureOfTransport('Lab', new URL('http://127.0.0.1:1/sdk'), error);
    expect(failure).toMatchObject({ transient: true, message: expect.stringContaining(words) });
  });

  it.each([
    ['CERT_HAS_EXPIRED', 'it has expired', 'Renew it'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another name', 'by the name in its certificate'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'none of the authorities', 'Give vCenter’s authority'],
  ])('may be a certificate: %s', async (code, words, remedy) => {
    const error = Object.assign(new Error('raw'), { code });
    const failure = await failureOfTransport('Lab', new URL('https://127.0.0.1:1/sdk'), error);
    expect(failure).toMatchObject({
      ...{ code: 'vcenter-certificate-refused', transient: false },
      ...{ message: expect.stringContaining(words), remedy: expect.stringContaining(remedy) },
    });
  });

  it('may be a port without TLS', async () => {
    const failure = await withServer(
      (_, response) => response.end(),
      (authority) => failureAt(`https://${authority}/sdk`),
    );
    expect(failure).toMatchObject({
      code: 'vcenter-unreachable',
      message: expect.stringContaining('does not speak TLS'),
    });
  });

  it.each([
    [404, false],
    [503, true],
  ])('may be another server: HTTP status %i', async (status, transient) => {
    const failure = await withServer(
      (_, response) => response.writeHead(status).end('no'),
      (authority) => failureAt(`http://${authority}/sdk`),
    );
    expect(failure).toMatchObject({ code: 'vcenter-unreachable', transient });
  });

  it('is not what a mistake of ours causes', async () => {
    const mistake = new TypeError('x is not a function');
    const url = new URL('http://127.0.0.1:1/sdk');
    expect(await failureOfTransport('Lab', url, mistake)).toBe(mistake);
  });
});
