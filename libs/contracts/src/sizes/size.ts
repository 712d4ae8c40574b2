import * as z from 'zod';
import { Cpus, DiskGb, MemoryMb } from '../deployments/hardware';
import { pageOf } from '../paging/page';

/** What `POST /sizes` and `PUT /sizes/:id` take: hardware that requests ask for by its name. */
export const SizeInput = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    description: z.string().max(2_000).default(''),
    cpus: Cpus,
    memoryMb: MemoryMb,
    diskGb: DiskGb.nullable()
      .default(null)
      .meta({ description: 'Size of the first disk in GiB; null: as the template’s.' }),
  })
  .meta({ id: 'SizeInput' });
export type SizeInput = z.infer<typeof SizeInput>;

export const SizeView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    cpus: z.number().int(),
    memoryMb: z.number().int(),
    diskGb: z.number().int().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Size' });
export type SizeView = z.infer<typeof SizeView>;

export const SizePage = pageOf(SizeView).meta({ id: 'SizePage' });
