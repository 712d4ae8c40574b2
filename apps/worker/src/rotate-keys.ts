import { checkKeys, databaseOptions, rotateKeys } from '@diaken/persistence';
import { type Configuration, SecretBox } from '@diaken/runtime';
import { DataSource } from 'typeorm';

/** Puts every stored secret under the first key. Answers the exit code: 1 when there are secrets that no key opens. */
export async function rotateStoredKeys(configuration: Configuration): Promise<number> {
  const keys = configuration.DIAKEN_ENCRYPTION_KEYS;
  const box = new SecretBox(keys);
  const database = await new DataSource(
    databaseOptions(configuration.DATABASE_URL, 2),
  ).initialize();
  try {
    await checkKeys(database, box, { error: () => undefined }); // what cannot be read is listed below
    const { rewrapped, unreadable } = await rotateKeys(database, box);
    process.stdout.write(`Secrets put under the key "${keys[0].id}": ${rewrapped}\n`);
    for (const line of unreadable) {
      process.stderr.write(`Not readable: ${line}\n`);
    }
    return unreadable.length > 0 ? 1 : 0;
  } finally {
    await database.destroy();
  }
}
