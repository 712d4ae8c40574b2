import { VariableView } from '@diaken/contracts';
import { scopeOf, type VariableEntity } from '@diaken/persistence';

/** A variable as the API shows it: never the value of a secret. */
export function toVariableView(variable: VariableEntity): VariableView {
  const { id, name, type, section, description, environmentId, groupId, hostId } = variable;
  return {
    ...{ id, name, type, section, description },
    scope: scopeOf(variable),
    ownerId: environmentId ?? groupId ?? hostId,
    value: VariableView.shape.value.parse(variable.value),
    createdAt: variable.createdAt.toISOString(),
    updatedAt: variable.updatedAt.toISOString(),
  };
}
