import * as z from 'zod';
import { PROBLEM_CODE_LIST } from './problem-codes';

/** One field that is wrong: where, why, and what to do about it. */
export const FieldProblem = z.object({
  path: z
    .string()
    .meta({ description: 'The field, with dots: `network.address`. Empty: the body itself.' }),
  message: z.string(),
});
export type FieldProblem = z.infer<typeof FieldProblem>;

/** Who holds a name or an address that was asked for, or needs what was to go. */
export const Holder = z.object({
  type: z.enum(['run', 'host', 'project', 'blueprint']),
  id: z.string(),
  name: z.string(),
  link: z.string(),
});
export type Holder = z.infer<typeof Holder>;

/** Every error answer (RFC 9457), `application/problem+json`. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.enum(PROBLEM_CODE_LIST),
    detail: z.string().meta({ description: 'The cause, in plain words.' }),
    remedy: z.string().optional().meta({ description: 'What to do about it.' }),
    errors: z.array(FieldProblem).optional(),
    heldBy: Holder.optional(),
    usedBy: z.array(Holder).optional().meta({ description: 'Who still needs what was to go.' }),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
