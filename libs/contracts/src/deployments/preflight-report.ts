import * as z from 'zod';
import { PROBLEM_CODE_LIST } from '../problems/problem-codes';

/** What is looked at before a machine is made, in this order. */
export const PREFLIGHT_CHECKS = [
  'references',
  'vcenter',
  'template',
  'placement',
  'datastore',
  'network',
  'name',
  'address',
  'dns',
  'credential',
  'playbooks',
] as const;
export type PreflightCheckName = (typeof PREFLIGHT_CHECKS)[number];

/** How a check ended. `not-checked`: something that it needs has failed before. */
export const PREFLIGHT_STATES = ['ok', 'warning', 'failed', 'not-checked'] as const;

/** What one check found. */
export const PreflightCheck = z.object({
  check: z.enum(PREFLIGHT_CHECKS),
  state: z.enum(PREFLIGHT_STATES),
  code: z.enum(PROBLEM_CODE_LIST).nullable().meta({
    description: 'What a deployment would fail with; null: with nothing.',
  }),
  cause: z.string().meta({ description: 'What was found, in plain words.' }),
  remedy: z
    .string()
    .meta({ description: 'What to do about it; empty where nothing is to be done.' }),
});
export type PreflightCheck = z.infer<typeof PreflightCheck>;

/** The result of a `preflight` run: every check, also those after one that failed. */
export const PreflightReport = z.object({
  passed: z.boolean().meta({ description: 'Whether no check has failed and none was left out.' }),
  checks: z.array(PreflightCheck),
});
export type PreflightReport = z.infer<typeof PreflightReport>;
