/** Shorter lines of a secret would be found everywhere. */
const SHORTEST = 4;
const MASK = '********';

/**
 * Hides secrets in a text that is to be stored: what a playbook prints may hold them. Each line of a secret is hidden by
 * itself, also as JSON and YAML write it.
 */
export function maskSecrets(secrets: readonly string[]): (text: string) => string {
  const hidden = secrets
    .flatMap((secret) => [secret, ...secret.split(/\r?\n/)])
    .filter((part) => part.trim().length >= SHORTEST)
    .flatMap((part) => [part, JSON.stringify(part).slice(1, -1)]);
  // The longest first: what is left of a secret after a part of it is hidden would be shown.
  const parts = [...new Set(hidden)].toSorted((a, b) => b.length - a.length);
  return (text) => parts.reduce((masked, part) => masked.replaceAll(part, MASK), text);
}
