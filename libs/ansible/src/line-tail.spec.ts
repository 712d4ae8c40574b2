import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LineTail } from './line-tail';

describe('LineTail', () => {
  let folder: string;
  let file: string;
  let lines: string[];
  const hear = (line: string): void => void lines.push(line);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'line-tail-'));
    file = join(folder, 'out.log');
    lines = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function readAll(tail: LineTail): Promise<void> {
    while (await tail.next(hear));
  }

  it('takes a file that is not there for an empty one', async () => {
    const tail = new LineTail(file);
    expect(await tail.next(hear)).toBe(false);

    writeFileSync(file, 'first\n');
    await readAll(tail);
    await tail.close();

    expect(lines).toEqual(['first']);
  });

  it('tells whole lines only, and the byte where the next begins', async () => {
    writeFileSync(file, 'ñandú\n\nhal');
    const tail = new LineTail(file);
    await readAll(tail);
    expect(lines).toEqual(['ñandú', '']);
    expect(tail.offset).toBe(9);

    appendFileSync(file, 'f\nrest');
    await readAll(tail);
    expect(lines).toEqual(['ñandú', '', 'half']);

    tail.tellRest(hear);
    await tail.close();
    expect(lines.at(-1)).toBe('rest');
    expect(tail.offset).toBe(Buffer.byteLength('ñandú\n\nhalf\nrest'));
  });

  it('waits for the other half of a character', async () => {
    const [first, ...others] = Buffer.from('ú\n');
    writeFileSync(file, Buffer.from([first ?? 0]));
    const tail = new LineTail(file);
    await readAll(tail);
    expect(lines).toEqual([]);

    appendFileSync(file, Buffer.from(others));
    await readAll(tail);
    await tail.close();
    expect(lines).toEqual(['ú']);
  });

  it('goes on at an offset', async () => {
    writeFileSync(file, 'one\ntwo\nthree\n');
    const tail = new LineTail(file, { offset: 4 });
    await readAll(tail);
    await tail.close();

    expect(lines).toEqual(['two', 'three']);
  });

  it('reads lines that are longer than what it reads at once', async () => {
    const long = 'x'.repeat(200_000);
    writeFileSync(file, `${long}\nshort\n`);
    const tail = new LineTail(file);
    await readAll(tail);
    await tail.close();

    expect(lines).toEqual([long, 'short']);
  });

  it('tells an endless line in pieces that cut no character', async () => {
    writeFileSync(file, `${'ú'.repeat(10)}\nshort\n`);
    const tail = new LineTail(file, { longestBytes: 7 });
    await readAll(tail);
    await tail.close();

    expect(lines).toEqual(['úúú', 'úúú', 'úúú', 'ú', 'short']);
    expect(tail.offset).toBe(27);
  });
});
