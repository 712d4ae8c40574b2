import { WORKABLE_STATUSES } from '@diaken/contracts';

/** SQL: whether a worker has something to do. Written out, because partial indexes are found by it. */
export const IS_WORKABLE = `status IN (${WORKABLE_STATUSES.map((status) => `'${status}'`).join(', ')})`;

/** SQL: whether no worker is at the run. */
export const IS_FREE = '(lease_until IS NULL OR lease_until < now())';
