import { openValue, type VariableEntity, variablesOfHost } from '@diaken/persistence';
import { type ScopedVariable, VariableBook } from '@diaken/provisioning';
import { type SecretBox, UnreadableSecret } from '@diaken/runtime';
import type { DataSource } from 'typeorm';
import { unreadable } from './stored-vcenter-directory';

/** The variables that users have stored. */
export class StoredVariableBook extends VariableBook {
  constructor(
    private readonly database: DataSource,
    private readonly box: SecretBox,
  ) {
    super();
  }

  override async ofHost(hostId: string): Promise<readonly ScopedVariable[]> {
    const found = await variablesOfHost(this.database, hostId);
    return found.map(({ variable, scope, owner }) => ({
      ...{ name: variable.name, scope, owner, isSecret: variable.type === 'secret' },
      value: this.open(variable),
    }));
  }

  private open(variable: VariableEntity): unknown {
    try {
      return openValue(this.box, variable);
    } catch (error) {
      throw error instanceof UnreadableSecret
        ? unreadable(`variable ${variable.name}`, error)
        : error;
    }
  }
}
