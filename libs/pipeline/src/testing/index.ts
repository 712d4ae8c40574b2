export * from './in-memory-run-store';
