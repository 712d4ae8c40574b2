import type { CheckVerdict } from '@diaken/contracts';

/** A text whose syntax can be checked. */
export interface TextToCheck {
  readonly language: 'playbook' | 'sh' | 'ps1' | 'jinja2';
  readonly content: string;
  /** Where it lies among its files. Default: it has none. */
  readonly path?: string;
  /** What lies around it: texts by their paths. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What a check has found. */
export interface SyntaxVerdict {
  readonly verdict: CheckVerdict;
  /** What is wrong, or why it could not be checked; null: nothing. */
  readonly message: string | null;
  /** The line that it is about, where that is known. */
  readonly line: number | null;
}

/** Checks texts without carrying out anything of what they say. */
export abstract class SyntaxChecker {
  /** Throws `check-not-possible` when the worker cannot check anything, transient `worker-disk-full`. */
  abstract check(text: TextToCheck, signal: AbortSignal): Promise<SyntaxVerdict>;
}
