import type { HostFilter, HostListQuery, Page } from '@diaken/contracts';
import { type DataSource, In, type SelectQueryBuilder } from 'typeorm';
import { GroupMemberEntity } from '../entities/group.entity';
import { HostEntity } from '../entities/machine.entity';
import { pageByName } from '../paging';
import { rowsOf } from '../runs/transaction';

/** A host and the groups that it is in. */
export interface GroupedHost {
  readonly host: HostEntity;
  readonly groupIds: readonly string[];
}

/** Which hosts: of these ids, and as the filter says. */
export type HostChoice = Partial<HostFilter> & { readonly ids?: readonly string[] | undefined };

/** A host as an inventory for Ansible names it. */
export interface ListedHost {
  readonly name: string;
  readonly address: string;
  readonly sshPort: number;
  readonly username: string;
  readonly environment: string | null;
  readonly groups: readonly string[];
}

const CONTACTS = {
  reachable: 'row.reachableSince IS NOT NULL',
  unreachable: 'row.checkedAt IS NOT NULL AND row.reachableSince IS NULL',
  never: 'row.checkedAt IS NULL',
} as const;

const LISTED = `
  SELECT host.name, host.address, host.ssh_port AS "sshPort", credential.username,
    environment.name AS environment,
    coalesce(array_agg(host_group.name ORDER BY host_group.name) FILTER (WHERE host_group.id IS NOT NULL), '{}')
      AS groups
  FROM host JOIN credential ON credential.id = host.credential_id
    LEFT JOIN environment ON environment.id = host.environment_id
    LEFT JOIN host_group_member AS member ON member.host_id = host.id
    LEFT JOIN host_group ON host_group.id = member.group_id
  WHERE host.id = ANY($1) GROUP BY host.id, credential.id, environment.id ORDER BY host.name`;

/** Reads hosts. */
export class HostShelf {
  constructor(private readonly database: DataSource) {}

  /** Also one that is archived. */
  async find(id: string): Promise<GroupedHost | undefined> {
    const host = await this.database.manager.findOneBy(HostEntity, { id });
    const [grouped] = host ? await this.withGroups([host]) : [];
    return grouped;
  }

  /** A page in the order of names. */
  async page(query: HostListQuery): Promise<Page<GroupedHost>> {
    const repository = this.database.getRepository(HostEntity);
    const page = await pageByName(repository, query, (select) => {
      select.andWhere(`row.archivedAt IS ${query.state === 'archived' ? 'NOT NULL' : 'NULL'}`);
      narrow(select, query);
    });
    return { ...page, items: await this.withGroups(page.items) };
  }

  /** Ids of all that the filter lets through, in the order of names; archived ones left out. */
  async ids({ ids, ...filter }: HostChoice): Promise<readonly string[]> {
    const select = this.database.manager
      .createQueryBuilder(HostEntity, 'row')
      .select(['row.id'])
      .where('row.archivedAt IS NULL')
      .orderBy('row.name', 'ASC');
    narrow(select, filter);
    if (ids !== undefined) {
      select.andWhere('row.id = ANY(:ids)', { ids });
    }
    return (await select.getMany()).map(({ id }) => id);
  }

  /** All that the filter lets through, as an inventory names them; archived ones left out. */
  async listed(filter: HostFilter): Promise<readonly ListedHost[]> {
    return rowsOf<ListedHost>(this.database, LISTED, [await this.ids(filter)]);
  }

  private async withGroups(hosts: readonly HostEntity[]): Promise<GroupedHost[]> {
    const members = await this.database.manager.find(GroupMemberEntity, {
      where: { hostId: In(hosts.map(({ id }) => id)) },
      order: { groupId: 'ASC' },
    });
    const groupsOf = Map.groupBy(members, ({ hostId }) => hostId);
    return hosts.map((host) => ({
      host,
      groupIds: (groupsOf.get(host.id) ?? []).map(({ groupId }) => groupId),
    }));
  }
}

function narrow(select: SelectQueryBuilder<HostEntity>, filter: HostFilter): void {
  const { text, name, groupId, contact, environmentId, osFamily, vcenterId } = filter;
  for (const [field, value] of Object.entries({ environmentId, osFamily, vcenterId })) {
    if (value !== undefined) {
      select.andWhere(`row.${field} = :${field}`, { [field]: value });
    }
  }
  if (name !== undefined) {
    select.andWhere('strpos(row.name, lower(:part)) > 0', { part: name });
  }
  if (text !== undefined) {
    const isPart = '(strpos(row.name, lower(:text)) > 0 OR strpos(row.address, lower(:text)) > 0)';
    select.andWhere(isPart, { text });
  }
  if (groupId !== undefined) {
    select.andWhere(
      'EXISTS (SELECT FROM host_group_member WHERE host_id = row.id AND group_id = :groupId)',
      { groupId },
    );
  }
  if (contact !== undefined) {
    select.andWhere(`(${CONTACTS[contact]})`);
  }
}
