import type { VariableScope } from '@diaken/contracts';

/** A variable that holds for a host. */
export interface ScopedVariable {
  readonly name: string;
  readonly scope: VariableScope;
  /** Name of the environment, group or host that it is of; null: it is global. */
  readonly owner: string | null;
  readonly isSecret: boolean;
  readonly value: unknown;
}

/** The variables that users have stored. */
export abstract class VariableBook {
  /**
   * All that hold for the host, from the widest scope to the narrowest, secrets opened. Throws `secret-unreadable`.
   */
  abstract ofHost(hostId: string): Promise<readonly ScopedVariable[]>;
}
