import { SyntaxChecker, type SyntaxVerdict, type TextToCheck } from '../ports/syntax-checker';
import { Calls } from './calls';

/** Finds nothing wrong, unless it is told to. */
export class FakeSyntaxChecker extends SyntaxChecker {
  readonly calls = new Calls<keyof SyntaxChecker>();
  readonly checked: TextToCheck[] = [];
  verdict: SyntaxVerdict = { verdict: 'ok', message: null, line: null };

  override check(text: TextToCheck): Promise<SyntaxVerdict> {
    return this.calls.answer('check', () => {
      this.checked.push(text);
      return this.verdict;
    });
  }
}
