import { Agent, request, type Dispatcher } from 'undici';
import { type NeededFields, ResponseParser } from '../soap/response-parser';
import { VimFault } from '../soap/vim-fault';
import { objectOf, textOf, type VimObject, type VimValue } from '../soap/vim-value';
import type { VCenterAccess } from '../vcenter-directory';
import { withDeadline } from './call-deadline';
import { connectorFor } from './server-certificate';

/** The version of the API that the schema is of; vCenter answers in its terms. */
const SOAP_ACTION = 'urn:vim25/7.0';
/** Connections to one vCenter at most; more calls wait for a free one. */
const CONNECTIONS = 8;

/** The server answered, but not as the vSphere API does. */
export class NotTheApi extends Error {
  override readonly name = 'NotTheApi';

  constructor(
    readonly status: number,
    options?: ErrorOptions,
  ) {
    super(`HTTP ${status} without a SOAP answer`, options);
  }
}

/** What the server answered. */
export interface VimAnswer {
  /** What the method returned; `undefined` when it returns nothing. */
  readonly value: VimValue | undefined;
  /** Its `Set-Cookie` headers. */
  readonly cookies: readonly string[];
}

/** Sends SOAP messages to one vCenter. Knows no session. */
export class VimTransport {
  readonly url: URL;
  private readonly agent: Agent;

  constructor(
    { url, tls }: VCenterAccess,
    private readonly timeoutMs: number,
  ) {
    this.url = apiUrl(url);
    this.agent = new Agent({
      connections: CONNECTIONS,
      connect: connectorFor(tls, timeoutMs),
      headersTimeout: 0, // the deadline of the call covers both
      bodyTimeout: 0,
    });
  }

  /**
   * Sends one message and reads the answer. Throws `VimFault`, `NotTheApi`, `DeadlinePassed`, the
   * reason of the signal, or what the network throws.
   */
  send(
    message: string,
    cookie: string,
    signal: AbortSignal,
    neededFields?: NeededFields,
  ): Promise<VimAnswer> {
    return withDeadline(this.timeoutMs, signal, async (bounded) => {
      const answer = await request(this.url, {
        method: 'POST',
        dispatcher: this.agent,
        signal: bounded,
        body: message,
        headers: {
          'content-type': 'text/xml; charset=utf-8',
          soapaction: SOAP_ACTION,
          ...(cookie === '' ? {} : { cookie }),
        },
      });
      return {
        value: returned(await readEnvelope(answer, neededFields)),
        cookies: cookiesOf(answer),
      };
    });
  }

  /** Closes all connections at once. */
  close(): Promise<void> {
    return this.agent.destroy();
  }
}

async function readEnvelope(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  neededFields?: NeededFields,
): Promise<VimObject> {
  const soap = String(headers['content-type'] ?? '').includes('xml');
  if (!soap || (statusCode !== 200 && statusCode !== 500)) {
    await body.dump();
    throw new NotTheApi(statusCode);
  }
  const parser = new ResponseParser(neededFields);
  const decoder = new TextDecoder();
  for await (const piece of body) {
    parse(() => parser.write(decoder.decode(piece, { stream: true })), statusCode);
  }
  return parse(() => parser.end(), statusCode);
}

function parse<T>(step: () => T, status: number): T {
  try {
    return step();
  } catch (error) {
    // A proxy's page or a broken-off answer: whether it is well-formed only shows while reading it.
    throw new NotTheApi(status, { cause: error });
  }
}

function returned(envelope: VimObject): VimValue | undefined {
  const body = objectOf(envelope['Body']);
  if (body['Fault'] !== undefined) throw readFault(objectOf(body['Fault']));
  return objectOf(Object.values(body)[0])['returnval'];
}

function readFault(fault: VimObject): VimFault {
  const [name, value] = Object.entries(objectOf(fault['detail']))[0] ?? ['Unknown'];
  const detail = objectOf(value);
  return new VimFault(
    detail.$type ?? name.replace(/Fault$/, ''),
    textOf(fault['faultstring']),
    detail,
  );
}

function cookiesOf({ headers }: Dispatcher.ResponseData): readonly string[] {
  const cookies = headers['set-cookie'] ?? [];
  return typeof cookies === 'string' ? [cookies] : cookies;
}

function apiUrl(text: string): URL {
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = '/sdk';
  url.username = '';
  url.password = '';
  url.hash = '';
  return url;
}
