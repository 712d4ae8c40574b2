import type { VariableOrigin } from '@diaken/contracts';
import type { ScopedVariable } from '../ports/variable-book';

/** A variable that went into a run: where it comes from, and never its value. */
export interface UsedVariable extends VariableOrigin {
  readonly name: string;
  readonly isSecret: boolean;
}

/** What the playbooks of a run are told. */
export interface GatheredVariables {
  /** Variables of the host; those of the run are not among them. */
  readonly values: Readonly<Record<string, unknown>>;
  /** In the order of names, those of the run included. */
  readonly used: readonly UsedVariable[];
  /** Values that nobody may read in a log. */
  readonly secrets: readonly string[];
}

/** One value for each name: the narrowest scope wins, and the run over all of them. */
export function gatherVariables(
  stored: readonly ScopedVariable[],
  extraVars: Readonly<Record<string, unknown>>,
): GatheredVariables {
  const used = new Map<string, UsedVariable>();
  const values: Record<string, unknown> = {};
  for (const { name, scope, owner, isSecret, value } of stored) {
    used.set(name, { name, scope, owner, isSecret });
    values[name] = value;
  }
  for (const name of Object.keys(extraVars)) {
    used.set(name, { name, scope: 'run', owner: null, isSecret: false });
  }
  return {
    values,
    used: [...used.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    secrets: stored.flatMap(({ isSecret, value }) => (isSecret ? [String(value)] : [])),
  };
}

/** Which variables a run uses, for its log. */
export function inWords(used: readonly UsedVariable[]): string {
  const words = used.map(({ name, scope, owner, isSecret }) => {
    const from = owner === null ? scope : `${scope} ${owner}`;
    return `${name} (${from}${isSecret ? ', secret' : ''})`;
  });
  return `Variables: ${words.length > 0 ? words.join(', ') : 'none'}.`;
}
