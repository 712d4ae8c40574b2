/** What can go wrong with the embedded servers; stable, for tests and for callers that react. */
export type EmbeddedProblem =
  | 'data-folder'
  | 'data-version'
  | 'locked'
  | 'platform'
  | 'port-taken'
  | 'postgres-failed'
  | 'postgres-missing'
  | 'redis-failed'
  | 'redis-missing'
  | 'root-refused'
  | 'settings-differ';

/** An expected failure of the embedded servers: its message holds the cause and the remedy. */
export class EmbeddedError extends Error {
  readonly problem: EmbeddedProblem;

  constructor(problem: EmbeddedProblem, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'EmbeddedError';
    this.problem = problem;
  }
}

/** The system's code of an error (`ENOENT`, `EADDRINUSE`, …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
