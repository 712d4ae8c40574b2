import * as z from 'zod';
import { Cpus, DiskGb, MemoryMb } from '../deployments/hardware';

const count = (most: number) => z.number().int().min(0).max(most);

/** The most hardware that a machine made from a template may be asked for with. What is left out has no limit. */
export const HardwareLimits = z
  .strictObject({
    cpus: Cpus.optional(),
    memoryMb: MemoryMb.optional(),
    diskGb: DiskGb.optional().meta({ description: 'GiB of each of its disks.' }),
    extraDisks: count(12).optional().meta({ description: 'Number of further disks.' }),
    extraNetworks: count(9).optional().meta({ description: 'Number of further network adapters.' }),
  })
  .meta({ id: 'HardwareLimits' });
export type HardwareLimits = z.infer<typeof HardwareLimits>;
