import type { FieldProblem } from '@diaken/contracts';

/** Deepest nesting of a request. What people write has less than ten levels; a schema recurses. */
const MAX_DEPTH = 64;

/** Why a value could not be stored and given back unchanged; undefined when it can. Does not recurse. */
export function whyUnstorable(
  value: unknown,
  within: readonly string[] = [],
): FieldProblem | undefined {
  const open: { value: unknown; path: readonly string[] }[] = [{ value, path: within }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value: part, path } = next;
    const message = path.length > MAX_DEPTH ? TOO_DEEP : whyWrong(part);
    if (message !== undefined) {
      return { path: path.join('.').toWellFormed().replaceAll('\0', '\uFFFD'), message };
    }
    if (typeof part === 'object' && part !== null) {
      open.push(...partsOf(part, path));
    }
  }
  return undefined;
}

const TOO_DEEP = `is nested more than ${MAX_DEPTH} levels deep; send it flatter`;

function partsOf(part: object, path: readonly string[]) {
  return Object.entries(part).map(([key, value]) => ({ value, path: [...path, key] }));
}

function whyWrong(part: unknown): string | undefined {
  if (typeof part === 'string') {
    return isStorable(part) ? undefined : 'holds a character that cannot be stored; remove it';
  }
  const isObject = typeof part === 'object' && part !== null && !Array.isArray(part);
  const wrong = isObject ? Object.keys(part).find((key) => !isName(key)) : undefined;
  return wrong === undefined
    ? undefined
    : `has a field ${JSON.stringify(wrong)}, a name that cannot be stored; rename it`;
}

/** PostgreSQL keeps no NUL character, and UTF-8 no half of a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Assigning to `__proto__` makes no field. */
function isName(key: string): boolean {
  return key !== '__proto__' && isStorable(key);
}
