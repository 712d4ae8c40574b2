import { isUtf8 } from 'node:buffer';

/** A file of a commit, as `git ls-tree -r -z -l` lists it. */
export interface TreeEntry {
  readonly path: string;
  /** The object that holds its bytes. */
  readonly object: string;
  /** Bytes; 0 for what is no file. */
  readonly size: number;
  /** Whether it is a file with a path that can be made below any folder. */
  readonly isFile: boolean;
}

/** Reads what `git ls-tree -r -z -l` prints. */
export function readEntries(listing: Buffer): readonly TreeEntry[] {
  return listing
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const [facts = '', path = ''] = line.split(/\t(.*)/s);
      const [mode = '', , object = '', size = '0'] = facts.split(/ +/);
      return { path, object, size: Number(size) || 0, isFile: isPlain(mode) && isSafe(path) };
    });
}

/** Reads what `git cat-file --batch` prints for these entries: the contents in their order. */
export function readObjects(output: Buffer, entries: readonly TreeEntry[]): readonly Buffer[] {
  let at = 0;
  return entries.map(({ object }) => {
    const end = output.indexOf('\n', at);
    const [name, kind, size] = output.toString('latin1', at, end).split(' ');
    if (name !== object || kind !== 'blob') {
      throw new Error('git cat-file answered something else than was asked for.');
    }
    const content = output.subarray(end + 1, end + 1 + Number(size));
    at = end + 1 + content.length + 1;
    return content;
  });
}

/** Whether the bytes are a text that can be kept. */
export function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

/** 120000 is a link, 160000 a submodule. */
function isPlain(mode: string): boolean {
  return mode === '100644' || mode === '100755';
}

function isSafe(path: string): boolean {
  return (
    path.length <= 500 &&
    !/[\p{Cc}\uFFFD\\]/u.test(path) &&
    path.split('/').every((part) => !['', '.', '..', '.git', '__proto__'].includes(part))
  );
}
