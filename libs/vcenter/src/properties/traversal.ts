import type { VimObject } from '../soap/vim-value';

/** A step from objects of a type along a property, and the names of the steps that go on from there. */
export function traversal(
  name: string,
  [type, path]: readonly [type: string, path: string],
  next: readonly string[] = [],
): VimObject {
  return {
    $type: 'TraversalSpec',
    name,
    type,
    path,
    skip: false,
    selectSet: next.map((each) => ({ name: each })),
  };
}
