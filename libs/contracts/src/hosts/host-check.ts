import * as z from 'zod';
import { HostFilter } from './host';

/** The most hosts that one run checks. */
export const MOST_CHECKED = 5_000;

/** What `POST /hosts/check` takes: which hosts. */
export const HostCheck = HostFilter.extend({ ids: z.array(z.uuid()).min(1).max(MOST_CHECKED) })
  .partial()
  .refine((filter) => Object.keys(filter).length > 0, {
    error:
      'must say which hosts: ids, text, name, environmentId, groupId, osFamily, vcenterId or contact',
  })
  .meta({ id: 'HostCheck' });
export type HostCheck = z.infer<typeof HostCheck>;
