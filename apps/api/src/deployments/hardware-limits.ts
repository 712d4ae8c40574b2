import type { DeploymentRequest, FieldProblem, HardwareLimits, ObjectRef } from '@diaken/contracts';
import { TemplateProfileEntity } from '@diaken/persistence';
import type { EntityManager } from 'typeorm';
import { Refusal } from '../http/refusal';
import type { SizedHardware } from './hardware';

/** Throws a refusal when a request asks for more than the profile of its template allows. */
export async function refuseAboveLimits(
  manager: EntityManager,
  request: DeploymentRequest,
  sized: SizedHardware,
  { moRef, name }: ObjectRef,
): Promise<void> {
  const { vcenterId } = request;
  const profile = await manager.findOneBy(TemplateProfileEntity, {
    ...{ vcenterId, templateMoRef: moRef },
  });
  const errors = profile ? aboveLimits(request, sized, profile.limits) : [];
  const [first] = errors;
  if (first) {
    throw new Refusal({
      code: 'above-limit',
      detail: `${first.path}: ${first.message}`,
      remedy: `Ask for less, or have the limits of ${name} raised (PATCH /template-profiles/{id}).`,
      errors,
    });
  }
}

/** What a request asks for too much of. What its size says too much of is found fault with there. */
export function aboveLimits(
  request: DeploymentRequest,
  sized: SizedHardware,
  limits: HardwareLimits,
): FieldProblem[] {
  const { extraDisks, extraNetworks } = request;
  const own = (field: keyof SizedHardware) => (request[field] === undefined ? 'size' : field);
  return [
    ...above(own('cpus'), sized.cpus, limits.cpus, 'CPUs'),
    ...above(own('memoryMb'), sized.memoryMb, limits.memoryMb, 'MiB of memory'),
    ...above(own('diskGb'), sized.diskGb, limits.diskGb, 'GiB a disk'),
    ...above('extraDisks', extraDisks.length, limits.extraDisks, 'further disks'),
    ...extraDisks.flatMap(({ sizeGb }, index) =>
      above(`extraDisks.${index}.sizeGb`, sizeGb, limits.diskGb, 'GiB a disk'),
    ),
    ...above('extraNetworks', extraNetworks.length, limits.extraNetworks, 'further adapters'),
  ];
}

function above(
  path: string,
  asked: number | undefined,
  limit: number | undefined,
  unit: string,
): FieldProblem[] {
  return asked !== undefined && limit !== undefined && asked > limit
    ? [{ path, message: `asks for ${asked} ${unit}; the template’s limit is ${limit}` }]
    : [];
}
