import { createHash } from 'node:crypto';
import { Agent, request } from 'node:https';
import type { Lab } from '@diaken/lab';

/** A machine or template in vCenter. */
export interface CountedMachine {
  readonly moRef: string;
  readonly name: string;
  /** In lower case. */
  readonly instanceUuid: string;
  /** Digest of all that vCenter says about its configuration, its power and its guest: once touched, it has another. */
  readonly state: string;
}

const PATHS = ['name', 'config', 'runtime.powerState', 'guest.ipAddress', 'guest.hostName'];
const FOLDER = '/DC0/vm';

/** Lists every machine of the lab's only folder of machines, without the product's help. */
export class VCenterCensus {
  private readonly agent: Agent;
  private cookie = '';

  constructor(private readonly lab: Pick<Lab, 'url' | 'certificatePem' | 'username' | 'password'>) {
    this.agent = new Agent({ keepAlive: true, ca: lab.certificatePem });
  }

  close(): void {
    this.agent.destroy();
  }

  async take(): Promise<readonly CountedMachine[]> {
    if (this.cookie === '') {
      await this.logIn();
    }
    const found = await this.call(
      'FindByInventoryPath',
      'SearchIndex',
      `<inventoryPath>${FOLDER}</inventoryPath>`,
    );
    const folder = /<returnval[^>]*>([^<]+)</.exec(found)?.[1] ?? '';
    const children = await this.read([['Folder', folder]], ['childEntity']);
    const moRefs = [...children.matchAll(/type="VirtualMachine"[^>]*>([^<]+)</g)].map(
      ([, moRef = '']) => ['VirtualMachine', moRef] as const,
    );
    const answer = await this.read(moRefs, PATHS);
    const objects = [...answer.matchAll(/<(objects|returnval)>(.*?)<\/\1>/gs)];
    return objects.map(([, , xml = '']) => countedMachine(xml));
  }

  private async logIn(): Promise<void> {
    const { username, password } = this.lab;
    const account = `<userName>${username}</userName><password>${password}</password>`;
    await this.call('Login', 'SessionManager', account);
  }

  /** Properties of objects, each named by its type and its reference. */
  private read(
    objects: readonly (readonly [string, string])[],
    paths: readonly string[],
  ): Promise<string> {
    const [first] = objects;
    const wanted = paths.map((path) => `<pathSet>${path}</pathSet>`).join('');
    const set = `<propSet><type>${first?.[0]}</type>${wanted}</propSet>`;
    const sets = objects.map(
      ([type, value]) => `<objectSet><obj type="${type}">${value}</obj></objectSet>`,
    );
    return this.call(
      'RetrieveProperties',
      'PropertyCollector',
      `<specSet>${set}${sets.join('')}</specSet>`,
    );
  }

  private call(method: string, type: string, parameters: string): Promise<string> {
    const on = type === 'PropertyCollector' ? 'propertyCollector' : type;
    const body =
      '<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">' +
      `<e:Body><${method} xmlns="urn:vim25"><_this type="${type}">${on}</_this>${parameters}` +
      `</${method}></e:Body></e:Envelope>`;
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'text/xml', cookie: this.cookie };
      const options = { method: 'POST', agent: this.agent, headers };
      const call = request(this.lab.url, options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          this.cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? this.cookie;
          const text = Buffer.concat(chunks).toString('utf8');
          const fails = answer.statusCode !== 200;
          return fails ? reject(new Error(`${method} failed: ${text}`)) : resolve(text);
        });
      });
      call.on('error', reject);
      call.end(body);
    });
  }
}

function countedMachine(xml: string): CountedMachine {
  const valueOf = (pattern: RegExp) => pattern.exec(xml)?.[1] ?? '';
  return {
    moRef: valueOf(/<obj [^>]*>([^<]+)</),
    name: valueOf(/<name>name<\/name><val[^>]*>([^<]*)</),
    instanceUuid: valueOf(/<instanceUuid>([^<]*)</).toLowerCase(),
    state: createHash('sha256').update(xml).digest('hex'),
  };
}

/** References of the machines of the first census that are gone, or not as they were, in the second. */
export function touched(
  before: readonly CountedMachine[],
  after: readonly CountedMachine[],
): readonly string[] {
  return before
    .filter(({ moRef, state }) => after.find((one) => one.moRef === moRef)?.state !== state)
    .map(({ moRef, name }) => `${name} (${moRef})`);
}
