import type { HostsKept, TakenByOther } from '@diaken/persistence';
import { Refusal } from '../http/refusal';

/** The ids of hosts that were to be kept; throws a refusal that says who has what they want. */
export function keptOrRefused(kept: HostsKept): readonly string[] {
  if (kept.outcome === 'kept') {
    return kept.ids;
  }
  throw kept.outcome === 'taken' ? refusalOf(kept.taken) : archivedAlready();
}

/** What is said of a name or an address that somebody else has. */
export function takenMessage({ value, by }: TakenByOther): string {
  return `${value} is held by the ${by.type} ${by.name} (${by.id})`;
}

/** Refuses to work with a host that is out of use. */
export function archivedAlready(): Refusal {
  return new Refusal({
    code: 'action-not-allowed',
    detail: 'The host is archived; it is kept for its history only.',
    remedy: 'Add it anew: its name and address are free, unless another host has them now.',
  });
}

function refusalOf(taken: readonly TakenByOther[]): Refusal {
  const errors = taken.map((one) => ({ path: one.what, message: takenMessage(one) }));
  const [first] = taken;
  return new Refusal({
    code: first?.what === 'name' ? 'hostname-taken' : 'address-taken',
    detail: `${errors[0]?.message}.`,
    remedy: 'Choose another one, or free it: archive that host, or roll that run back.',
    errors,
    ...(first && { heldBy: first.by }),
  });
}
