/** Codes of Node and PostgreSQL (classes 08 and 57P, and 53300) for a database that is away. */
const CONNECTION_CODES = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|08|57P0|53300)/;

/** Whether an error says that the database is away, not that it refuses something. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const code = 'code' in error ? String(error.code) : '';
  const texts =
    /Connection terminated|timeout expired|timeout exceeded when trying to connect|Client has encountered/;
  return CONNECTION_CODES.test(code) || texts.test(error.message);
}
