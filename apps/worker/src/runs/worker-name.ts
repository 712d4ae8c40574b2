import { hostname } from 'node:os';

/** Names this process in leases, in events, and in the list of workers. */
export const WORKER_NAME = `${hostname()}:${process.pid}`;
