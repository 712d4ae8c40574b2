/** Where sealed texts are. Their rows have a uuid `id`; the text is bound to the table and that id. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
}

/** Every column of sealed texts: what is not in this list is neither checked at the start nor sealed with a new key. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'credential', column: 'sealed_secrets' },
  { table: 'vcenter', column: 'sealed_password' },
  { table: 'variable', column: 'sealed_value' },
];

/** What the sealed text of a row is bound to. */
export function placeOf(table: string, id: string): string {
  return `${table}:${id}`;
}
