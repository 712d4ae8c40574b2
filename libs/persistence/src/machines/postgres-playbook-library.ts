import { PlaybookLibrary, ProvisioningFailure } from '@diaken/provisioning';
import type { DataSource } from 'typeorm';
import { PlaybookEntity } from '../entities/catalog.entity';

/** The users' playbooks in PostgreSQL. */
export class PostgresPlaybookLibrary extends PlaybookLibrary {
  constructor(private readonly database: DataSource) {
    super();
  }

  override async read(playbookId: string): Promise<{ name: string; content: string }> {
    const playbook = await this.database.manager.findOneBy(PlaybookEntity, { id: playbookId });
    if (!playbook) {
      throw new ProvisioningFailure({
        code: 'playbook-missing',
        cause: `The playbook ${playbookId} is not in the library any more.`,
        remedy: 'Put it back, or ask for a new machine with another playbook.',
      });
    }
    return { name: playbook.name, content: playbook.content };
  }
}
