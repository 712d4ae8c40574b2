import * as z from 'zod';
import { RUN_KINDS } from '../runs/run-kind';
import { RUN_STATUSES } from '../runs/run-status';

const when = z.iso.datetime();

/** Whether new work is taken. */
export const Maintenance = z
  .object({
    on: z.boolean(),
    reason: z.string().nullable(),
    by: z.string().nullable(),
    since: when.nullable(),
  })
  .meta({ id: 'Maintenance' });
export type Maintenance = z.infer<typeof Maintenance>;

/** What `PUT /queue/maintenance` takes. */
export const MaintenanceChange = z
  .strictObject({ on: z.boolean(), reason: z.string().trim().min(1).max(500).optional() })
  .meta({ id: 'MaintenanceChange' });
export type MaintenanceChange = z.infer<typeof MaintenanceChange>;

/** A run that a worker is at. */
export const ActiveRun = z.object({
  id: z.uuid(),
  kind: z.enum(RUN_KINDS),
  target: z.string(),
  status: z.enum(RUN_STATUSES),
  step: z.string().nullable(),
});
export type ActiveRun = z.infer<typeof ActiveRun>;

/** A worker process. `lost`: it has not been heard of for a while; its runs are taken over. */
export const WorkerView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    state: z.enum(['working', 'draining', 'lost']),
    concurrency: z.number().int().meta({ description: 'Deployments that it takes at once.' }),
    startedAt: when,
    seenAt: when,
    runs: z.array(ActiveRun),
  })
  .meta({ id: 'Worker' });
export type WorkerView = z.infer<typeof WorkerView>;

/** What `PATCH /queue/workers/:id` takes; it holds until the worker is started again. */
export const WorkerChange = z
  .strictObject({
    concurrency: z.number().int().min(1).max(500).optional(),
    draining: z.boolean().optional().meta({ description: 'Ends its runs and takes no new ones.' }),
  })
  .meta({ id: 'WorkerChange' });
export type WorkerChange = z.infer<typeof WorkerChange>;

/** Something that only so many runs may use at once. */
export const LimitView = z
  .object({
    name: z.string().meta({ description: 'Such as `vcenter:<id>`.' }),
    label: z.string(),
    limit: z.number().int(),
    active: z.number().int(),
  })
  .meta({ id: 'Limit' });
export type LimitView = z.infer<typeof LimitView>;

/** What `PUT /queue/limits/:name` takes. */
export const LimitChange = z
  .strictObject({
    limit: z.number().int().min(0).max(10_000).meta({ description: '0: no new work there.' }),
  })
  .meta({ id: 'LimitChange' });
export type LimitChange = z.infer<typeof LimitChange>;

/** Names of limits: what a run competes for, and which one of it. */
export const LimitName = z
  .string()
  .max(200)
  .regex(/^vcenter:[0-9a-f-]{36}$|^staging-address:[0-9a-f.:]+$/, {
    error: 'must be vcenter:<id> or staging-address:<address>',
  });

/** `GET /queue`: what waits, what goes on, and who does it. */
export const QueueView = z
  .object({
    maintenance: Maintenance,
    waiting: z.object({
      total: z.number().int(),
      oldestSeconds: z.number().nullable(),
      byPriority: z.array(z.object({ priority: z.number().int(), runs: z.number().int() })),
    }),
    active: z.number().int(),
    workers: z.array(WorkerView),
    limits: z.array(LimitView),
  })
  .meta({ id: 'Queue' });
export type QueueView = z.infer<typeof QueueView>;
