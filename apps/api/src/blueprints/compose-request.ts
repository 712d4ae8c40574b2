import { isDeepStrictEqual } from 'node:util';
import {
  type BlueprintChoices,
  type BlueprintDeployment,
  type ChoosableField,
  DeploymentRequest,
  type FieldProblem,
  type Fields,
  withField,
} from '@diaken/contracts';
import { checked } from '../http/checked';
import { invalid } from '../http/refusal';

interface Blueprint {
  readonly request: Fields;
  readonly choices: BlueprintChoices;
}

/** The request for a machine of a blueprint. Throws a refusal that names each choice that is not offered. */
export async function composeRequest(
  blueprint: Blueprint,
  { hostname, choices }: BlueprintDeployment,
): Promise<DeploymentRequest> {
  const chosen = Object.entries(choices) as [ChoosableField, unknown][];
  const errors = chosen.flatMap(([field, value]) => whyNotOffered(blueprint, field, value));
  if (errors.length > 0) {
    throw invalid(errors);
  }
  const request = chosen.reduce<Fields>(
    (composed, [field, value]) => withField(composed, field, value),
    blueprint.request,
  );
  return checked(DeploymentRequest, { ...request, hostname });
}

function whyNotOffered(
  { request, choices }: Blueprint,
  field: ChoosableField,
  value: unknown,
): FieldProblem[] {
  const path = `choices.${field}`;
  const offered = choices[field];
  if (!offered) {
    return [{ path, message: 'is not left to choose by the blueprint; leave it out' }];
  }
  const isOffered = offered.some((one) => isDeepStrictEqual(one, value));
  // What the blueprint itself says is always allowed.
  const isDefault = isDeepStrictEqual(withField(request, field, value), request);
  const message = `must be one of ${offered.map((one) => JSON.stringify(one)).join(', ')}`;
  return isOffered || isDefault ? [] : [{ path, message }];
}
