import type { Page } from '@diaken/contracts';
import { EMPTY, expand, map, type Observable, reduce } from 'rxjs';

/** Reads a list to its end, page by page; `ask` gets the cursor of each page after the first. */
export function allPages<Row>(
  ask: (cursor?: string) => Observable<Page<Row>>,
): Observable<readonly Row[]> {
  return ask().pipe(
    expand(({ next }) => (next === null ? EMPTY : ask(next))),
    map(({ items }) => items),
    reduce((rows, items) => [...rows, ...items]),
  );
}
