import * as z from 'zod';

const count = z.number().int().nonnegative();
const why = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** What Ansible counted for one host; counts are tasks. */
const HostStats = z.object({
  ok: count,
  changed: count,
  failures: count,
  unreachable: count,
  skipped: count,
  rescued: count.default(0),
  ignored: count.default(0),
});
export type HostStats = z.infer<typeof HostStats>;

/** What the callback writes, as far as somebody here reads it. */
const PlayEvent = z.discriminatedUnion('e', [
  z.object({
    e: z.literal('run'),
    plan: z.array(z.object({ play: z.string(), tasks: count.nullable() })),
  }),
  z.object({
    e: z.literal('play'),
    play: z.string(),
    hosts: z.array(z.string()),
    batch: z.array(z.string()),
  }),
  z.object({ e: z.literal('task'), task: z.string(), name: z.string(), planned: z.boolean() }),
  z.object({
    e: z.literal('host'),
    task: z.string(),
    name: z.string(),
    host: z.string(),
    status: z.enum(['ok', 'changed', 'skipped', 'ignored', 'failed', 'unreachable']),
    ms: count.default(0),
    no_log: z.boolean().default(false),
    why: why.default({}),
  }),
  z.object({
    e: z.literal('item'),
    task: z.string(),
    host: z.string(),
    item: z.string().optional(),
    no_log: z.boolean().default(false),
    why: why.default({}),
  }),
  z.object({ e: z.literal('stats'), hosts: z.record(z.string(), HostStats) }),
]);
export type PlayEvent = z.infer<typeof PlayEvent>;
export type HostEvent = Extract<PlayEvent, { e: 'host' }>;
export type ItemEvent = Extract<PlayEvent, { e: 'item' }>;

/** Reads a line of the events file; undefined when it is none that matters here. */
export function readEvent(line: string): PlayEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // half a line of a callback that was killed while it wrote
  }
  return PlayEvent.safeParse(value).data;
}
