import * as z from 'zod';
import { ExtraVars, PlaybookIds } from '../deployments/playbook-choice';
import { RUN_KINDS } from './run-kind';
import { RUN_STATUSES } from './run-status';

const machine = z
  .enum(['roll-back', 'keep'])
  .default('roll-back')
  .meta({ description: 'What becomes of what the run has made so far.' });

/** What `POST /runs/:id/cancel` takes. */
export const CancelRequest = z.strictObject({ machine }).meta({ id: 'CancelRequest' });
export type CancelRequest = z.infer<typeof CancelRequest>;

/** The most runs that one request names one by one. */
const MOST_IDS = 1_000;

/** What `POST /runs/cancel` takes: which runs. Those that have ended already are left alone. */
export const CancelManyRequest = z
  .strictObject({
    machine,
    ids: z.array(z.uuid()).min(1).max(MOST_IDS).optional(),
    status: z.enum(['pending', 'running']).optional(),
    kind: z.enum(RUN_KINDS).optional(),
    target: z.string().min(1).max(253).optional().meta({
      description: 'Part of the target, any case.',
    }),
    requestedBy: z.string().min(1).max(200).optional(),
    batchId: z.uuid().optional(),
  })
  .refine(({ machine: _machine, ...filter }) => Object.keys(filter).length > 0, {
    error: 'must say which runs: ids, status, kind, target, requestedBy or batchId',
  })
  .meta({ id: 'CancelManyRequest' });
export type CancelManyRequest = z.infer<typeof CancelManyRequest>;

/** The answer to `POST /runs/cancel`. */
export const CancelManyAnswer = z
  .object({
    cancelled: z.number().int().meta({ description: 'Runs that waited and have ended now.' }),
    cancelling: z.number().int().meta({ description: 'Runs that a worker ends now.' }),
    runs: z
      .array(z.object({ id: z.uuid(), status: z.enum(RUN_STATUSES) }))
      .meta({ description: `The first ${MOST_IDS} of them.` }),
  })
  .meta({ id: 'CancelManyAnswer' });
export type CancelManyAnswer = z.infer<typeof CancelManyAnswer>;

/** What `POST /runs/:id/resume` takes: inputs to change, as long as no step that has ended has used them. */
export const ResumeRequest = z
  .strictObject({
    credentialId: z.uuid().optional(),
    playbookIds: PlaybookIds.optional(),
    extraVars: ExtraVars.optional(),
  })
  .meta({ id: 'ResumeRequest' });
export type ResumeRequest = z.infer<typeof ResumeRequest>;
