import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { readConfiguration } from '@diaken/runtime';
import { Logger } from 'nestjs-pino';
import { WorkerModule } from './worker.module';

try {
  const configuration = readConfiguration(process.env);
  const app = await NestFactory.create(WorkerModule.with(configuration), {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  app.enableShutdownHooks();
  await app.listen(configuration.DIAKEN_WORKER_HEALTH_PORT, configuration.DIAKEN_API_HOST);
} catch (error) {
  process.stderr.write(
    `The worker did not start: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(1);
}
