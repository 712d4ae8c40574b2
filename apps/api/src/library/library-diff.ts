import type { LibraryDiff } from '@diaken/contracts';
import { createTwoFilesPatch, diffLines } from 'diff';

/** A text of an item, by its number. */
interface NumberedText {
  readonly number: number;
  readonly content: string;
}

/** What differs between two texts; `from` is undefined for the first of all. */
export function libraryDiff(
  name: string,
  from: NumberedText | undefined,
  to: NumberedText,
): LibraryDiff {
  const before = from?.content ?? '';
  const parts = diffLines(before, to.content);
  const lines = (which: 'added' | 'removed') =>
    parts.filter((part) => part[which]).reduce((sum, { count }) => sum + count, 0);
  return {
    from: from?.number ?? null,
    to: to.number,
    added: lines('added'),
    removed: lines('removed'),
    unified: createTwoFilesPatch(
      from ? name : '/dev/null',
      name,
      before,
      to.content,
      ...(from ? [`version ${from.number}`] : ['']),
      `version ${to.number}`,
    ),
  };
}
