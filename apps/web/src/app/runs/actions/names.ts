/** Names that are told before the rest is only counted. */
const TOLD = 5;

/** The targets of some runs in one line: `web-01, web-02 and 3 more`. */
export function namesOf(runs: readonly { readonly target: string }[]): string {
  const names = runs.map(({ target }) => target);
  const rest = names.length - TOLD;
  return rest > 0
    ? `${names.slice(0, TOLD).join(', ')} and ${rest} more`
    : new Intl.ListFormat('en').format(names);
}
