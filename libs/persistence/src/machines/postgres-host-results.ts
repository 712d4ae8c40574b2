import type { HostResult } from '@diaken/contracts';
import { HostResults } from '@diaken/provisioning';
import type { DataSource } from 'typeorm';
import { HostResultEntity } from '../entities/run-trace.entity';
import { appendEvent } from '../runs/events';

/** Per-host results in PostgreSQL. */
export class PostgresHostResults extends HostResults {
  constructor(private readonly database: DataSource) {
    super();
  }

  override async stored(runId: string): Promise<readonly HostResult[]> {
    const found = await this.database.manager.findBy(HostResultEntity, { runId });
    return found.map(({ result }) => result);
  }

  override async store(runId: string, results: readonly HostResult[]): Promise<void> {
    await this.database.transaction(async (manager) => {
      for (const result of results) {
        const { step, playbook, host } = result;
        await manager.upsert(HostResultEntity, { runId, step, playbook, host, result } as never, [
          ...['runId', 'step', 'playbook', 'host'],
        ]);
        await appendEvent(manager, runId, 'host.result', result);
      }
    });
  }
}
