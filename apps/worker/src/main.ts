import 'reflect-metadata';
import { Logger as Log } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { checkKeys } from '@diaken/persistence';
import { type Configuration, readConfiguration, SecretBox } from '@diaken/runtime';
import { Logger } from 'nestjs-pino';
import { DataSource } from 'typeorm';
import { rotateStoredKeys } from './rotate-keys';
import { WorkerModule } from './worker.module';

try {
  const configuration = readConfiguration(process.env);
  if (process.argv[2] === 'rotate-keys') {
    process.exit(await rotateStoredKeys(configuration));
  }
  await work(configuration);
} catch (error) {
  process.stderr.write(
    `The worker did not start: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(1);
}

async function work(configuration: Configuration): Promise<void> {
  const app = await NestFactory.create(WorkerModule.with(configuration), {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  app.enableShutdownHooks();
  const box = new SecretBox(configuration.DIAKEN_ENCRYPTION_KEYS);
  await checkKeys(app.get(DataSource), box, new Log('Secrets'));
  await app.listen(configuration.DIAKEN_WORKER_HEALTH_PORT, configuration.DIAKEN_API_HOST);
}
