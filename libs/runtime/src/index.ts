export * from './bull-run-queue';
export * from './configuration';
export * from './logging';
export * from './private-key';
export * from './redis';
export * from './run-queue';
export * from './secret-box';
export * from './shared-reading';
