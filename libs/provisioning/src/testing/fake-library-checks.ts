import { LibraryChecks, type VersionRef } from '../ports/library-checks';
import type { SyntaxVerdict, TextToCheck } from '../ports/syntax-checker';
import { Calls } from './calls';

/** Texts and verdicts in memory. */
export class FakeLibraryChecks extends LibraryChecks {
  readonly calls = new Calls<keyof LibraryChecks>();
  private readonly texts = new Map<string, TextToCheck>();
  private readonly verdicts = new Map<string, SyntaxVerdict>();

  add(version: VersionRef, text: TextToCheck): void {
    this.texts.set(keyOf(version), text);
  }

  verdictOn(version: VersionRef): SyntaxVerdict | undefined {
    return this.verdicts.get(keyOf(version));
  }

  override find(version: VersionRef): Promise<TextToCheck | undefined> {
    return this.calls.answer('find', () => this.texts.get(keyOf(version)));
  }

  override store(version: VersionRef, verdict: SyntaxVerdict): Promise<void> {
    return this.calls.answer('store', () => void this.verdicts.set(keyOf(version), verdict));
  }
}

function keyOf({ itemId, number }: VersionRef): string {
  return `${itemId} ${number}`;
}
