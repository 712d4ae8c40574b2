import { hostname } from 'node:os';
import { ProvisioningFailure } from '@diaken/provisioning';
import { isErrnoException } from './errno';

/** Does what writes to a folder. Throws `worker-disk-full`, for now only, when there is no room for it. */
export async function needingRoom<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isErrnoException(error, 'ENOSPC', 'EDQUOT', 'EFBIG')) {
      throw diskFull(folder, { cause: error });
    }
    throw error;
  }
}

/** Nothing was begun, because the worker's disk has no room for it; another attempt may find some. */
export function diskFull(folder: string, options?: ErrorOptions): ProvisioningFailure {
  return new ProvisioningFailure(
    {
      code: 'worker-disk-full',
      cause: `The disk of the worker ${hostname()} is full: nothing can be written to ${folder}. Nothing was done on any host.`,
      remedy: `${FREE_SPACE} It is tried again by itself for a while; after that, resume the run.`,
      transient: true,
    },
    options,
  );
}

/** What to do about a full disk in any case. */
export const FREE_SPACE = 'Free space there, or enlarge the disk or the quota.';
