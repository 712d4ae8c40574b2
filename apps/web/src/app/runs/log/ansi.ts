/** The sixteen colours of a terminal, by their numbers. */
const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

/** Looks that are switched on by one code and off by another. */
const SWITCHES: Readonly<Record<number, readonly [look: string, isOn: boolean]>> = {
  1: ['bold', true],
  2: ['dim', true],
  3: ['italic', true],
  4: ['underline', true],
  7: ['inverse', true],
  23: ['italic', false],
  24: ['underline', false],
  27: ['inverse', false],
};

/** A stretch of text that looks the same throughout. */
export interface Span {
  readonly text: string;
  /** Names of looks: `bold`, `fg-red`, `bg-bright-blue`. */
  readonly looks: readonly string[];
}

/**
 * An escape sequence: control (`ESC [ … letter`, also cut off at the end of the line), operating
 * system command (a title, a link), or two characters; and control characters except the tab.
 */
const ESCAPES =
  /\x1b\[([0-?]*)[ -/]*([@-~]|$)|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[ -/]*(?:[0-~]|$)|[\x00-\x08\x0a-\x1f\x7f]/g;

/** Splits a line into spans by its colour codes. Every other escape is dropped; text stays text. */
export function parseAnsi(line: string): Span[] {
  const spans: Span[] = [];
  let looks = new Set<string>();
  let start = 0;
  for (const escape of line.matchAll(ESCAPES)) {
    addSpan(spans, line.slice(start, escape.index), looks);
    start = escape.index + escape[0].length;
    if (escape[2] === 'm') {
      looks = applyCodes(looks, (escape[1] ?? '').split(/[;:]/).map(Number));
    }
  }
  addSpan(spans, line.slice(start), looks);
  return spans;
}

function addSpan(spans: Span[], text: string, looks: ReadonlySet<string>): void {
  if (text !== '') {
    spans.push({ text, looks: [...looks] });
  }
}

/** What a text looks like after these codes of an `ESC [ … m`. */
function applyCodes(before: ReadonlySet<string>, codes: readonly number[]): Set<string> {
  let looks = new Set(before);
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 0) {
      looks = new Set();
    } else if (code === 38 || code === 48) {
      at += setLongColour(looks, code === 38 ? 'fg' : 'bg', codes.slice(at + 1));
    } else {
      applyCode(looks, code);
    }
  }
  return looks;
}

function applyCode(looks: Set<string>, code: number): void {
  const [look, isOn] = SWITCHES[code] ?? [];
  if (look && isOn) {
    looks.add(look);
  } else if (look) {
    looks.delete(look);
  } else if (code === 22) {
    looks.delete('bold');
    looks.delete('dim');
  } else {
    setColour(looks, code);
  }
}

function setColour(looks: Set<string>, code: number): void {
  const [tens, digit] = [Math.floor(code / 10), code % 10];
  const ground = [3, 9].includes(tens) ? 'fg' : [4, 10].includes(tens) ? 'bg' : undefined;
  if (ground && (digit < 8 || digit === 9)) {
    paint(looks, ground, COLOURS[digit], tens >= 9);
  }
}

/**
 * Colours of the 256-colour palette and free ones. Only the first sixteen are shown: any other may
 * be unreadable on our background. Returns how many codes belong to it.
 */
function setLongColour(looks: Set<string>, ground: 'fg' | 'bg', codes: readonly number[]): number {
  if (codes[0] === 5) {
    const index = codes[1] ?? 0;
    paint(looks, ground, index < 16 ? COLOURS[index % 8] : undefined, index >= 8);
    return 2;
  }
  paint(looks, ground, undefined, false);
  return codes[0] === 2 ? 4 : 0;
}

function paint(
  looks: Set<string>,
  ground: 'fg' | 'bg',
  colour: string | undefined,
  isBright: boolean,
): void {
  for (const look of looks) {
    if (look.startsWith(`${ground}-`)) {
      looks.delete(look);
    }
  }
  if (colour) {
    looks.add(`${ground}-${isBright ? 'bright-' : ''}${colour}`);
  }
}
