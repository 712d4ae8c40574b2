import type { VariableType } from '@diaken/contracts';
import type { SecretBox } from '@diaken/runtime';
import type { VariableEntity } from '../entities/variable.entity';
import { placeOf } from '../secrets/sealed-columns';

/** A value with its type, as a request brings it. */
export interface TypedValue {
  readonly type: VariableType;
  readonly value?: unknown;
}

/** The columns that hold the value of the variable that has, or will have, this id; a secret is sealed. */
export function valueColumns(
  box: SecretBox,
  id: string,
  { type, value }: TypedValue,
): Pick<VariableEntity, 'type' | 'value' | 'sealedValue'> {
  return type === 'secret'
    ? { type, value: null, sealedValue: box.seal(String(value), placeOf('variable', id)) }
    : { type, value, sealedValue: null };
}

/** The value of a variable, opened if it is a secret. Throws `UnreadableSecret`. */
export function openValue(
  box: SecretBox,
  { id, value, sealedValue }: Pick<VariableEntity, 'id' | 'value' | 'sealedValue'>,
): unknown {
  return sealedValue === null ? value : box.open(sealedValue, placeOf('variable', id));
}
