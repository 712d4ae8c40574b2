import type { SecretBox } from '@diaken/runtime';
import type { VCenterEntity } from '../entities/machine.entity';
import { placeOf } from '../secrets/sealed-columns';

/** Seals the password of the vCenter that has, or will have, this id. */
export function sealVCenterPassword(box: SecretBox, id: string, password: string): string {
  return box.seal(password, placeOf('vcenter', id));
}

/** Opens the password of a vCenter. Throws `UnreadableSecret`. */
export function openVCenterPassword(box: SecretBox, { id, sealedPassword }: VCenterEntity): string {
  return box.open(sealedPassword, placeOf('vcenter', id));
}
