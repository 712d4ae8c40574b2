import { startEmbedded, type EmbeddedOptions } from '../index';

/** A launcher as a process of its own: options in, addresses out, stops at SIGTERM. */
const options: EmbeddedOptions = JSON.parse(process.argv[2] ?? '{}');
const services = await startEmbedded(options);
process.on('SIGTERM', () => void services.stop().then(() => process.exit(0)));
process.stdout.write(`${JSON.stringify(services)}\n`);
setInterval(() => undefined, 60_000);
