import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { UserEntity } from '@diaken/persistence';
import type { Configuration } from '@diaken/runtime';
import { DataSource } from 'typeorm';
import { CONFIGURATION } from '../configuration';
import { hashPassword } from './passwords';

const ADMINISTRATOR = 'admin';

/** Creates the first user when there is none: with a password from a file, or a one-time one that it prints. */
@Injectable()
export class FirstAdministrator implements OnApplicationBootstrap {
  constructor(
    private readonly database: DataSource,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (await this.database.manager.exists(UserEntity)) {
      return;
    }
    const file = this.configuration.DIAKEN_ADMIN_PASSWORD_FILE;
    const password = file
      ? (await readFile(file, 'utf8')).trim()
      : randomBytes(15).toString('base64url');
    const created = await this.create(password, file === undefined);
    if (created && !file) {
      // On the terminal only, and only once: a log would keep it.
      process.stderr.write(
        `\n  First start. Sign in as "${ADMINISTRATOR}" with the one-time password: ${password}\n\n`,
      );
    }
  }

  /** False when another process was quicker. */
  private async create(password: string, mustChangePassword: boolean): Promise<boolean> {
    const result = await this.database.manager
      .createQueryBuilder()
      .insert()
      .into(UserEntity)
      .values({
        id: randomUUID(),
        username: ADMINISTRATOR,
        passwordHash: await hashPassword(password),
        role: 'admin',
        mustChangePassword,
        createdAt: new Date(),
      })
      .orIgnore()
      .returning('id')
      .execute();
    return Array.isArray(result.raw) && result.raw.length > 0;
  }
}
