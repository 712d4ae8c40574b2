import { describe, expect, it } from 'vitest';
import { parseAnsi } from './ansi';

const ESC = '\x1b';
const textOf = (line: string) =>
  parseAnsi(line)
    .map(({ text }) => text)
    .join('');

describe('parseAnsi', () => {
  it('leaves plain text in one span without looks', () => {
    expect(parseAnsi('PLAY [all]')).toEqual([{ text: 'PLAY [all]', looks: [] }]);
  });

  it('gives nothing for an empty line', () => {
    expect(parseAnsi('')).toEqual([]);
  });

  it('colours what stands between a colour and its reset', () => {
    expect(parseAnsi(`a${ESC}[0;32mok${ESC}[0mb`)).toEqual([
      { text: 'a', looks: [] },
      { text: 'ok', looks: ['fg-green'] },
      { text: 'b', looks: [] },
    ]);
  });

  it('keeps bold while the colour changes, and replaces the colour', () => {
    expect(parseAnsi(`${ESC}[1;31mx${ESC}[94my${ESC}[22mz`)).toEqual([
      { text: 'x', looks: ['bold', 'fg-red'] },
      { text: 'y', looks: ['bold', 'fg-bright-blue'] },
      { text: 'z', looks: ['fg-bright-blue'] },
    ]);
  });

  it.each([
    [`${ESC}[m`, []],
    [`${ESC}[39m`, ['bg-blue']],
    [`${ESC}[49m`, ['fg-red']],
  ])('resets with %j', (reset, looks) => {
    expect(parseAnsi(`${ESC}[31;44m${reset}x`)).toEqual([{ text: 'x', looks }]);
  });

  it('knows the first sixteen of 256 colours, and skips the others with all their numbers', () => {
    expect(parseAnsi(`${ESC}[38;5;9mx`)).toEqual([{ text: 'x', looks: ['fg-bright-red'] }]);
    expect(parseAnsi(`${ESC}[38;5;208;1mx`)).toEqual([{ text: 'x', looks: ['bold'] }]);
    expect(parseAnsi(`${ESC}[38;2;1;31;4;1mx`)).toEqual([{ text: 'x', looks: ['bold'] }]);
  });

  it.each([`${ESC}[0;3`, `${ESC}[`, ESC, `${ESC}]0;title`])(
    'drops %j, which is cut off at the end of the line',
    (cut) => {
      expect(textOf(`done${cut}`)).toBe('done');
    },
  );

  it.each([
    `${ESC}[2J`,
    `${ESC}[1;1H`,
    `${ESC}[?25l`,
    `${ESC}]0;title\x07`,
    `${ESC}]8;;https://example.net${ESC}\\`,
    `${ESC}(B`,
    `${ESC}c`,
    '\r',
    '\b',
    '\x07',
  ])('drops %j in the middle of a line', (escape) => {
    expect(textOf(`be${escape}fore`)).toBe('before');
  });

  it('keeps tabs', () => {
    expect(textOf('a\tb')).toBe('a\tb');
  });

  it('takes markup for what it is here: text', () => {
    const markup = '<script>alert(1)</script>&amp;';
    expect(parseAnsi(markup)).toEqual([{ text: markup, looks: [] }]);
  });
});
