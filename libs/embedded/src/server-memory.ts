import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from './embedded-error';
import { replaceFile } from './secret-file';

/** What a server was started with. */
export interface ServerSettings {
  readonly port: number;
  readonly durable: boolean;
}

/** Remembers a server's settings in its folder, so that a restart keeps the port. */
export class ServerMemory {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, 'settings.json');
  }

  async read(): Promise<ServerSettings | undefined> {
    try {
      return toSettings(JSON.parse(await readFile(this.#path, 'utf8')));
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  async write(settings: ServerSettings): Promise<void> {
    await replaceFile(this.#path, `${JSON.stringify(settings)}\n`);
  }
}

function toSettings(value: unknown): ServerSettings | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('port' in value) || !('durable' in value)) return undefined;
  if (typeof value.port !== 'number' || typeof value.durable !== 'boolean') return undefined;
  return { port: value.port, durable: value.durable };
}
