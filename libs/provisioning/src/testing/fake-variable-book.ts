import { type ScopedVariable, VariableBook } from '../ports/variable-book';
import { Calls } from './calls';

/** Variables in memory; all hold for every host. */
export class FakeVariableBook extends VariableBook {
  readonly calls = new Calls<keyof VariableBook>();
  private readonly stored: ScopedVariable[] = [];

  /** From the widest scope to the narrowest. */
  add(variable: Pick<ScopedVariable, 'name' | 'value'> & Partial<ScopedVariable>): void {
    this.stored.push({ scope: 'global', owner: null, isSecret: false, ...variable });
  }

  override ofHost(): Promise<readonly ScopedVariable[]> {
    return this.calls.answer('ofHost', () => [...this.stored]);
  }
}
