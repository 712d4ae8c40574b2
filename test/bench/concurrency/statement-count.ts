import { AbstractLogger, type LogMessage, type QueryRunner } from 'typeorm';

const BEGIN = 'START TRANSACTION';
const END = new Set(['COMMIT', 'ROLLBACK']);

/** Counts what this process asks of PostgreSQL. */
export class StatementCount extends AbstractLogger {
  statements = 0;
  /** Those of several statements, and every statement that is one of its own. */
  transactions = 0;
  private readonly inTransaction = new WeakSet<QueryRunner>();

  constructor() {
    super(['query']);
  }

  override logQuery(query: string, _values?: unknown[], runner?: QueryRunner): void {
    this.statements += 1;
    if (!runner || !this.inTransaction.has(runner)) {
      this.transactions += 1;
    }
    if (runner && query === BEGIN) {
      this.inTransaction.add(runner);
    }
    if (runner && END.has(query)) {
      this.inTransaction.delete(runner);
    }
  }

  protected override writeLog(_level: unknown, _message: LogMessage | LogMessage[]): void {
    // Only counts.
  }
}
