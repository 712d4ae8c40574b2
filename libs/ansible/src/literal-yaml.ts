/** What Jinja would take for a template. */
const TEMPLATE = /\{[{%#]/;

/**
 * Writes a value so that Ansible takes every text in it as it is: where a template could be seen, the text is marked
 * `!unsafe`. Variables are data that people enter; a template in them would be evaluated on the worker.
 */
export function literalYaml(value: unknown): string {
  if (typeof value === 'string') {
    return TEMPLATE.test(value) ? `!unsafe ${quoted(value)}` : quoted(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(literalYaml).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, part]) => `${quoted(key)}: ${literalYaml(part)}`,
    );
    return `{${entries.join(', ')}}`;
  }
  return JSON.stringify(value ?? null);
}

/** In double quotes, and in ASCII: YAML takes some characters for line ends, and refuses others. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/gu,
    (character) => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`,
  );
}
