import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import Bull from 'bull';
import { Pool } from 'pg';

/** As many connections as the API has. */
const CONNECTIONS = 20;

/**
 * The least that a submission costs on this stack: one INSERT, one Bull job, no checks. Like the
 * API it answers once the row is committed, and does not wait for the queue.
 */
const { DATABASE_URL, REDIS_URL = '', PORT } = process.env;
const pool = new Pool({ connectionString: DATABASE_URL, max: CONNECTIONS });
await pool.query(
  `CREATE TABLE bare_run (
    id uuid PRIMARY KEY, body jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT now())`,
);
const queue = new Bull('bare', REDIS_URL);
await queue.isReady();

createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    console.error(error);
    response.writeHead(500).end();
  });
}).listen(Number(PORT), '127.0.0.1');

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'GET') {
    response.end('ready');
    return;
  }
  const body = await json(request);
  const id = randomUUID();
  await pool.query('INSERT INTO bare_run (id, body) VALUES ($1, $2)', [id, body]);
  const options = { jobId: `${id}:0`, attempts: 1, removeOnComplete: true, removeOnFail: true };
  queue.add({ runId: id }, options).catch(console.error);
  response.writeHead(202, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ id, status: 'pending' }));
}
