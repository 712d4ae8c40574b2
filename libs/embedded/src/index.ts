export { EmbeddedError, type EmbeddedProblem } from './embedded-error';
export { startNodeServer, type NodeServer, type NodeServerOptions } from './node-server';
export { startEmbedded, type EmbeddedOptions, type EmbeddedServices } from './start-embedded';
