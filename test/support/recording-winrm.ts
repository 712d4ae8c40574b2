import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What PowerShell was asked to do, and what it shall say. */
export type PowerShell = (script: string) => { readonly stdout?: string; readonly code?: number };

export interface RecordingWinrmOptions {
  readonly username: string;
  readonly password: string;
  readonly powerShell: PowerShell;
  /** With a certificate it speaks https. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/**
 * Speaks as much of WinRM's protocol (WS-Management, MS-WSMV) as clients with Basic authentication need to run commands. It
 * runs nothing: each script is recorded, and answered as the test says.
 */
export class RecordingWinrm {
  /** The PowerShell scripts that it was sent. */
  readonly scripts: string[] = [];
  /** How many requests had no, or another, login. */
  refused = 0;
  private readonly server: Server;
  private said: ReturnType<PowerShell> = {};

  private constructor(private readonly options: RecordingWinrmOptions) {
    const { tls } = options;
    const listener = (request: IncomingMessage, response: Parameters<Answer>[1]) =>
      void this.answer(request, response);
    this.server = tls ? createTlsServer(tls, listener) : createServer(listener);
  }

  static async start(options: RecordingWinrmOptions): Promise<RecordingWinrm> {
    const winrm = new RecordingWinrm(options);
    await new Promise<void>((listening) => winrm.server.listen(0, '127.0.0.1', listening));
    return winrm;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((stopped) => this.server.close(() => stopped()));
  }

  private async answer(request: IncomingMessage, response: Parameters<Answer>[1]): Promise<void> {
    const body = await textOf(request);
    const { username, password } = this.options;
    const login = Buffer.from(`${username}:${password}`).toString('base64');
    if (request.headers.authorization !== `Basic ${login}`) {
      this.refused += 1;
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="WSMAN"' }).end();
      return;
    }
    const id = /<a:MessageID>([^<]*)</.exec(body)?.[1] ?? '';
    response.writeHead(200, { 'Content-Type': 'application/soap+xml;charset=UTF-8' });
    response.end(envelope(id, this.bodyFor(body)));
  }

  private bodyFor(body: string): string {
    const action = /<a:Action[^>]*>[^<]*\/(\w+)</.exec(body)?.[1];
    switch (action) {
      case 'Create':
        return `<w:SelectorSet><w:Selector Name="ShellId">${SHELL}</w:Selector></w:SelectorSet>`;
      case 'Command':
        this.run(body);
        return `<rsp:CommandResponse><rsp:CommandId>${COMMAND}</rsp:CommandId></rsp:CommandResponse>`;
      case 'Receive':
        return this.output();
      default:
        return '<rsp:SignalResponse/>';
    }
  }

  private run(body: string): void {
    const words = [...body.matchAll(/<rsp:(?:Command|Arguments)>([^<]*)</g)].map(
      ([, text]) => text,
    );
    const line = words.join(' ').replaceAll('&quot;', '"');
    const encoded = /-EncodedCommand\s+"?([A-Za-z0-9+/=]+)/.exec(line)?.[1] ?? '';
    const script = Buffer.from(encoded, 'base64').toString('utf16le');
    this.scripts.push(script);
    this.said = this.options.powerShell(script);
  }

  private output(): string {
    const { stdout = '', code = 0 } = this.said;
    const text = Buffer.from(stdout).toString('base64');
    return `<rsp:ReceiveResponse>
      <rsp:Stream Name="stdout" CommandId="${COMMAND}">${text}</rsp:Stream>
      <rsp:CommandState CommandId="${COMMAND}" State="${NAMESPACE}/CommandState/Done">
        <rsp:ExitCode>${code}</rsp:ExitCode>
      </rsp:CommandState>
    </rsp:ReceiveResponse>`;
  }
}

type Answer = NonNullable<Parameters<typeof createServer>[1]>;

const NAMESPACE = 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell';
const SHELL = '11111111-0000-4000-8000-000000000001';
const COMMAND = '11111111-0000-4000-8000-000000000002';

function envelope(relatesTo: string, body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
  xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
  xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:rsp="${NAMESPACE}">
  <s:Header><a:RelatesTo>${relatesTo}</a:RelatesTo></s:Header>
  <s:Body>${body}</s:Body>
</s:Envelope>`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) {
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString('utf8');
}
