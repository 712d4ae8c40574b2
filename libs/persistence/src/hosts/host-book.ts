import { randomUUID } from 'node:crypto';
import { SocketAddress, isIPv6 } from 'node:net';
import type { Holder, HostChange, HostInput } from '@diaken/contracts';
import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import { GroupMemberEntity } from '../entities/group.entity';
import { HostEntity, ReservationEntity } from '../entities/machine.entity';
import { holderOf } from '../machines/reservations';
import { isUniqueViolation } from '../refused';
import { archiveHost } from './archive-host';

/** A name or an address that somebody else has. */
export interface TakenByOther {
  /** Which of the hosts that were to be kept wants it. */
  readonly index: number;
  readonly what: 'name' | 'address';
  readonly value: string;
  readonly by: Holder;
}

/** What became of hosts that were to be kept: all of them, or none. */
export type HostsKept =
  | { readonly outcome: 'kept'; readonly ids: readonly string[] }
  | { readonly outcome: 'taken'; readonly taken: readonly TakenByOther[] }
  | { readonly outcome: 'archived' };

type Wish = Pick<TakenByOther, 'index' | 'what' | 'value'>;

const KIND_OF = { name: 'hostname', address: 'address' } as const;

/** How often it is looked again who took what was free just before. */
const LOOKS = 3;

/** Of how many names and addresses that are taken it is looked up who has them. */
const MOST_NAMED = 200;

/** Rows that one INSERT carries: PostgreSQL takes 65,535 values. */
const ROWS_AT_ONCE = 1_000;

/** Writes down the hosts that people enter. Name and address are a host's alone, also beside those that runs hold. */
export class HostBook {
  constructor(private readonly database: DataSource) {}

  /** Adds all or none. What they refer to must be there. */
  async add(hosts: readonly HostInput[]): Promise<HostsKept> {
    const rows = hosts.map(({ groupIds, ...host }) => {
      const address = canonicalAddress(host.address);
      const id = randomUUID();
      return { groupIds, host: { ...host, id, address, createdAt: new Date() } };
    });
    return this.unlessTaken(wishesOf(hosts), async (manager) => {
      await insertAll(
        manager,
        HostEntity,
        rows.map(({ host }) => host),
      );
      const reservations = rows.flatMap(({ host: { id, name, address } }) => [
        { kind: 'address' as const, value: address, hostId: id },
        { kind: 'hostname' as const, value: name, hostId: id },
      ]);
      // Always in one order, so that two requests never wait for each other.
      reservations.sort((a, b) => (`${a.kind} ${a.value}` < `${b.kind} ${b.value}` ? -1 : 1));
      await insertAll(manager, ReservationEntity, reservations);
      const members = rows.flatMap(({ groupIds, host }) => membersOf(host, groupIds));
      await insertAll(manager, GroupMemberEntity, members);
      return rows.map(({ host }) => host.id);
    });
  }

  /** What of the hosts' names and addresses somebody else has now. */
  takenBy(hosts: readonly Pick<HostInput, 'name' | 'address'>[]): Promise<readonly TakenByOther[]> {
    return this.takenOf(wishesOf(hosts));
  }

  /** Changes a host that is not archived. With another environment, `groupIds` must be given. */
  async change(host: HostEntity, { groupIds, ...change }: HostChange): Promise<HostsKept> {
    const address = change.address === undefined ? undefined : canonicalAddress(change.address);
    const wishes: Wish[] = [
      ...(address !== undefined && address !== host.address
        ? [{ index: 0, what: 'address', value: address } as const]
        : []),
      ...(change.name !== undefined && change.name !== host.name
        ? [{ index: 0, what: 'name', value: change.name } as const]
        : []),
    ];
    return this.unlessTaken(wishes, async (manager) => {
      const { id } = host;
      const where = { id, archivedAt: IsNull() };
      if (!(await manager.findOne(HostEntity, { where, lock: { mode: 'pessimistic_write' } }))) {
        return undefined;
      }
      for (const { what, value } of wishes) {
        const kind = KIND_OF[what];
        await manager.delete(ReservationEntity, { kind, hostId: id });
        await manager.insert(ReservationEntity, { kind, value, hostId: id });
      }
      if (groupIds) {
        await manager.delete(GroupMemberEntity, { hostId: id });
      }
      const update = Object.assign(new HostEntity(), change, address !== undefined && { address });
      if (Object.keys(update).length > 0) {
        await manager.update(HostEntity, { id }, update);
      }
      const { environmentId = host.environmentId } = change;
      const members = membersOf({ id, environmentId }, groupIds ?? []);
      await insertAll(manager, GroupMemberEntity, members);
      return [id];
    });
  }

  /** False when there is no such host, or it is archived already. */
  archive(hostId: string, archivedBy: string): Promise<boolean> {
    return this.database.transaction((manager) => archiveHost(manager, hostId, archivedBy));
  }

  private async unlessTaken(
    wishes: readonly Wish[],
    keep: (manager: EntityManager) => Promise<readonly string[] | undefined>,
    looks = LOOKS,
  ): Promise<HostsKept> {
    const taken = await this.takenOf(wishes);
    if (taken.length > 0) {
      return { outcome: 'taken', taken };
    }
    try {
      const ids = await this.database.transaction(keep);
      return ids ? { outcome: 'kept', ids } : { outcome: 'archived' };
    } catch (error) {
      if (looks === 1 || !isUniqueViolation(error)) {
        throw error;
      }
    }
    // Somebody took it in between: look who, or, when it was given back meanwhile, try again.
    return this.unlessTaken(wishes, keep, looks - 1);
  }

  private async takenOf(wishes: readonly Wish[]): Promise<TakenByOther[]> {
    const taken: TakenByOther[] = [];
    const { manager } = this.database;
    const held = await manager.query<{ kind: string; value: string }[]>(
      `SELECT kind, value FROM reservation
       WHERE (kind, value) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
      [wishes.map(({ what }) => KIND_OF[what]), wishes.map(({ value }) => value)],
    );
    const isHeld = new Set(held.map(({ kind, value }) => `${kind} ${value}`));
    const refused = wishes.filter(({ what, value }) => isHeld.has(`${KIND_OF[what]} ${value}`));
    for (const wish of refused.slice(0, MOST_NAMED)) {
      const by = await holderOf(manager, KIND_OF[wish.what], wish.value);
      if (by) {
        taken.push({ ...wish, by });
      }
    }
    return taken;
  }
}

function wishesOf(hosts: readonly Pick<HostInput, 'name' | 'address'>[]): Wish[] {
  return hosts.flatMap(({ name, address }, index) => [
    { index, what: 'address', value: canonicalAddress(address) } as const,
    { index, what: 'name', value: name } as const,
  ]);
}

/** One spelling for each address: IPv6 has many. */
export function canonicalAddress(address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address;
}

function membersOf(
  { id: hostId, environmentId }: Pick<HostEntity, 'id' | 'environmentId'>,
  groupIds: readonly string[],
): GroupMemberEntity[] {
  return environmentId === null
    ? []
    : groupIds.map((groupId) => ({ hostId, groupId, environmentId }));
}

async function insertAll<Row extends object>(
  manager: EntityManager,
  entity: new () => Row,
  rows: readonly Partial<Row>[],
): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await manager.insert(entity, rows.slice(from, from + ROWS_AT_ONCE) as never[]);
  }
}
