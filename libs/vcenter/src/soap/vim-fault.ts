import { ancestryOf } from '../schema/vim-schema';
import type { VimObject } from './vim-value';

/** A fault as vCenter gave it, before anybody knows what it means for a run. */
export class VimFault extends Error {
  override readonly name = 'VimFault';

  constructor(
    /** For example `InvalidPowerState`; `Unknown` when vCenter gave none. */
    readonly type: string,
    /** vCenter's words, often in its own language. */
    readonly words: string,
    readonly detail: VimObject = {},
  ) {
    super(words === '' ? type : `${type}: ${words}`);
  }

  /** Whether it is of this type or derived from it. */
  is(type: string): boolean {
    return ancestryOf(this.type).includes(type);
  }
}
