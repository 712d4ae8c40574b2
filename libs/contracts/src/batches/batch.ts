import * as z from 'zod';
import { DeploymentRequest } from '../deployments/deployment-request';
import { pageOf } from '../paging/page';
import { RUN_STATUSES } from '../runs/run-status';
import { RunAccepted, RunSummary } from '../runs/run-view';

/** The most machines that one batch asks for. */
export const MAX_BATCH_SIZE = 200;

/** What `POST /deployments/batch` takes as JSON: machines of which all are made, or none. */
export const BatchRequest = z
  .strictObject({
    name: z.string().trim().max(100).default('').meta({ description: 'Shown in lists.' }),
    machines: z.array(DeploymentRequest).min(1).max(MAX_BATCH_SIZE),
  })
  .superRefine(({ machines }, context) => {
    for (const issue of repetitions(machines)) {
      context.addIssue({ code: 'custom', ...issue });
    }
  })
  .meta({ id: 'BatchRequest' });
export type BatchRequest = z.infer<typeof BatchRequest>;

/** Names and addresses that two machines of a batch ask for. */
function* repetitions(machines: readonly DeploymentRequest[]) {
  const seen = new Set<string>();
  for (const [place, { hostname, network }] of machines.entries()) {
    const wishes = [
      [hostname, ['hostname']] as const,
      [network.address, ['network', 'address']] as const,
    ];
    for (const [value, path] of wishes) {
      if (value !== undefined && seen.has(value)) {
        const message = `${value} is what another machine of the batch asks for, too; choose another one`;
        yield { path: ['machines', place, ...path], message };
      }
      seen.add(value ?? '');
    }
  }
}

/** The answer to a batch (202). */
export const BatchAccepted = z
  .object({
    id: z.uuid(),
    link: z.string().meta({ description: 'Path of the batch.' }),
    runs: z.array(RunAccepted).meta({ description: 'One for each machine, in their order.' }),
  })
  .meta({ id: 'BatchAccepted' });
export type BatchAccepted = z.infer<typeof BatchAccepted>;

/** A batch in a list. */
export const BatchSummary = z
  .object({
    id: z.uuid(),
    name: z.string(),
    requestedBy: z.string(),
    createdAt: z.iso.datetime(),
    size: z.number().int().meta({ description: 'Machines that it asked for.' }),
    counts: z.partialRecord(z.enum(RUN_STATUSES), z.number().int()).meta({
      description: 'Runs of each status; a status that no run has is left out.',
    }),
  })
  .meta({ id: 'BatchSummary' });
export type BatchSummary = z.infer<typeof BatchSummary>;

/** A batch with its runs, in the order in which they were asked for. */
export const BatchView = BatchSummary.extend({ runs: z.array(RunSummary) }).meta({ id: 'Batch' });
export type BatchView = z.infer<typeof BatchView>;

export const BatchPage = pageOf(BatchSummary).meta({ id: 'BatchPage' });
