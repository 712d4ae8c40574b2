import { Agent, request } from 'node:https';
import type { Lab } from '../lab';

/** Reference of a managed object. */
export interface Ref {
  readonly type: string;
  readonly value: string;
}

/** What is needed to log in to a lab. */
export type LabAccess = Pick<Lab, 'url' | 'certificatePem' | 'username' | 'password'>;

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';
const INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

export function element(name: string, ref: Ref): string {
  return `<${name} type="${ref.type}">${escape(ref.value)}</${name}>`;
}

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function unescape(text: string): string {
  return text
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** The few SOAP calls that tests need beside the product's own, as raw XML: what somebody else does in vCenter. */
export class SoapSession {
  private readonly lab: LabAccess;
  private readonly agent: Agent;
  private cookie = '';

  private constructor(lab: LabAccess) {
    this.lab = lab;
    this.agent = new Agent({ keepAlive: true, ca: lab.certificatePem });
  }

  static async login(lab: LabAccess, password = lab.password): Promise<SoapSession> {
    const session = new SoapSession(lab);
    await session.call(
      'Login',
      { type: 'SessionManager', value: 'SessionManager' },
      `<userName>${escape(lab.username)}</userName><password>${escape(password)}</password>`,
    );
    return session;
  }

  close(): void {
    this.agent.destroy();
  }

  /** Answer's XML. A fault is thrown with its type as the message. */
  async call(method: string, target: Ref, parameters = ''): Promise<string> {
    const { status, text } = await this.post(
      `<?xml version="1.0"?><e:Envelope xmlns:e="${ENVELOPE}" xmlns:xsi="${INSTANCE}"><e:Body>` +
        `<${method} xmlns="urn:vim25">${element('_this', target)}${parameters}</${method}>` +
        '</e:Body></e:Envelope>',
    );
    if (status !== 200) {
      throw new Error(/<detail><\w+ [^>]*type="(\w+)"/.exec(text)?.[1] ?? `HTTP ${status}`);
    }
    return text;
  }

  /** Result of a task; its fault is thrown with its type as the message. */
  async task(method: string, target: Ref, parameters = ''): Promise<Ref | undefined> {
    const task = await this.startTask(method, target, parameters);
    for (;;) {
      const info = await this.property(task, 'info');
      if (info.includes('<state>success</state>')) {
        return readRef(info, 'result');
      }
      if (info.includes('<state>error</state>')) {
        throw new Error(/<fault [^>]*type="(\w+)"/.exec(info)?.[1] ?? info);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async startTask(method: string, target: Ref, parameters = ''): Promise<Ref> {
    return required(readRef(await this.call(method, target, parameters), 'returnval'), method);
  }

  /** XML inside a property; empty when it is not set. */
  async property(target: Ref, path: string): Promise<string> {
    return unescape(/<val[^>]*>(.*?)<\/val>/s.exec(await this.retrieve(target, path))?.[1] ?? '');
  }

  /** A property that is a reference. */
  async reference(target: Ref, path: string): Promise<Ref> {
    return required(readRef(await this.retrieve(target, path), 'val'), path);
  }

  private retrieve(target: Ref, path: string): Promise<string> {
    return this.call(
      'RetrievePropertiesEx',
      { type: 'PropertyCollector', value: 'propertyCollector' },
      `<specSet><propSet><type>${target.type}</type><pathSet>${path}</pathSet></propSet>` +
        `<objectSet>${element('obj', target)}</objectSet></specSet><options/>`,
    );
  }

  /** Object at an inventory path, e.g. `/DC0/vm/debian-12`. */
  async find(path: string): Promise<Ref> {
    const answer = await this.call(
      'FindByInventoryPath',
      { type: 'SearchIndex', value: 'SearchIndex' },
      `<inventoryPath>${path}</inventoryPath>`,
    );
    return required(readRef(answer, 'returnval'), path);
  }

  async findByInstanceUuid(uuid: string): Promise<Ref | undefined> {
    const answer = await this.call(
      'FindByUuid',
      { type: 'SearchIndex', value: 'SearchIndex' },
      `<uuid>${uuid}</uuid><vmSearch>true</vmSearch><instanceUuid>true</instanceUuid>`,
    );
    return readRef(answer, 'returnval');
  }

  private post(body: string): Promise<{ readonly status: number; readonly text: string }> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'text/xml', ...(this.cookie && { cookie: this.cookie }) };
      const options = { method: 'POST', agent: this.agent, headers };
      const call = request(this.lab.url, options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          this.cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? this.cookie;
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        });
      });
      call.on('error', reject);
      call.end(body);
    });
  }
}

function readRef(xml: string, name: string): Ref | undefined {
  const found = new RegExp(`<${name}\\b[^>]*\\stype="(\\w+)"[^>]*>([^<]+)</${name}>`).exec(xml);
  return found ? { type: found[1] ?? '', value: unescape(found[2] ?? '') } : undefined;
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) {
    throw new Error(`Nothing found: ${what}`);
  }
  return value;
}
