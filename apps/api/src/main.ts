import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { checkKeys, migrate } from '@diaken/persistence';
import { readConfiguration, SecretBox } from '@diaken/runtime';
import { DataSource } from 'typeorm';
import { createApplication } from './application';

try {
  const configuration = readConfiguration(process.env);
  const applied = await migrate(configuration.DATABASE_URL);
  if (process.argv[2] === 'migrate') {
    process.stdout.write(`Migrations applied: ${applied.join(', ') || 'none were missing'}\n`);
    process.exit(0);
  }
  const app = await createApplication(configuration);
  await checkKeys(app.get(DataSource), app.get(SecretBox), new Logger('Secrets'));
  await app.listen(configuration.DIAKEN_API_PORT, configuration.DIAKEN_API_HOST);
} catch (error) {
  process.stderr.write(
    `The API did not start: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(1);
}
