import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { TcpNetworkProbe } from './tcp-network-probe';

const HOST = '127.0.0.1';
const patience = { connectTimeoutMs: 5_000, dnsTimeoutMs: 5_000 };
const never = new AbortController().signal;

/** A DNS server that answers every question with what the function makes of it; undefined: nothing at all. */
async function dnsServer(answer: (question: Buffer) => Buffer | undefined): Promise<Socket> {
  const socket = createSocket('udp4', (question, from) => {
    const message = answer(question);
    if (message) {
      socket.send(message, from.port, from.address);
    }
  });
  socket.bind(0, HOST);
  await once(socket, 'listening');
  return socket;
}

/** An answer to a question (RFC 1035, 4.1): the code, and one record where there is one. */
function reply(question: Buffer, code: number, record?: { type: number; data: Buffer }): Buffer {
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(record ? 1 : 0, 6);
  header.writeUInt16BE(0, 10);
  const asked = question.subarray(12, question.indexOf(0, 12) + 5);
  if (!record) {
    return Buffer.concat([header, asked]);
  }
  const fixed = Buffer.from([0xc0, 12, 0, record.type, 0, 1, 0, 0, 0, 60, 0, record.data.length]);
  return Buffer.concat([header, asked, fixed, record.data]);
}

async function withDns<T>(
  answer: (question: Buffer) => Buffer | undefined,
  work: (probe: TcpNetworkProbe) => Promise<T>,
): Promise<T> {
  const server = await dnsServer(answer);
  try {
    return await work(new TcpNetworkProbe(patience, [`${HOST}:${server.address().port}`]));
  } finally {
    server.close();
  }
}

describe('a look at the network', () => {
  it('finds what takes connections, and nothing where nobody does', async () => {
    const server = createServer().listen(0, HOST);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const probe = new TcpNetworkProbe(patience);
    expect(await probe.answersAt(HOST, port, never)).toBe(port);
    server.close();
    await once(server, 'close');
    expect(await probe.answersAt(HOST, port, never)).toBeNull();
  });

  it('ends with the reason of whoever ends it', async () => {
    const ended = AbortSignal.abort(new Error('enough'));
    const probe = new TcpNetworkProbe(patience);
    await expect(probe.answersAt(HOST, 1, ended)).rejects.toThrow('enough');
  });

  it('reads the addresses of a name', async () => {
    const a = { type: 1, data: Buffer.from([10, 1, 0, 9]) };
    const ask = (probe: TcpNetworkProbe) => probe.addressesOf('web-01.example.net', never);
    expect(await withDns((question) => reply(question, 0, a), ask)).toEqual(['10.1.0.9']);
  });

  it('reads the names of an address', async () => {
    const ptr = { type: 12, data: Buffer.from('\x03web\x07example\x00', 'latin1') };
    const ask = (probe: TcpNetworkProbe) => probe.namesOf('10.1.0.9', never);
    expect(await withDns((question) => reply(question, 0, ptr), ask)).toEqual(['web.example']);
  });

  it.each([
    ['a name that is not there (NXDOMAIN)', 3, []],
    ['a name without such a record', 0, []],
    ['a server that refuses', 5, null],
  ])('tells %s', async (_what, code, expected) => {
    const ask = (probe: TcpNetworkProbe) => probe.addressesOf('web-01.example.net', never);
    expect(await withDns((question) => reply(question, code), ask)).toEqual(expected);
  });

  it('stops asking a DNS server that says nothing when it is told to', async () => {
    const ending = new AbortController();
    const silent = () => {
      ending.abort(new Error('enough'));
      return undefined;
    };
    const ask = (probe: TcpNetworkProbe) => probe.namesOf('10.1.0.9', ending.signal);
    await expect(withDns(silent, ask)).rejects.toThrow('enough');
  });
});
