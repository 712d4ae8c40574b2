/** A body that is valid but for one change, or three, and what they are. */
export interface Mutation {
  readonly what: string;
  readonly body: unknown;
}

type Json = Record<string | number, unknown>;

const VALUES: readonly unknown[] = [
  // Right somewhere, or nearly so.
  ...['VM Network', 'DC0_C0', 'DC0_DVPG1', 'DC0', 'LocalDS_0', 'rocky-9', 'redhat', 'debian'],
  ...[1, 4, 22, 1_024, 60_000, {}, [], ['10.60.0.3'], '10.60.7.7', 'example.net', { a: [1, null] }],
  // Wrong nearly everywhere.
  ...[null, true, false, 0, -1, 1.5, 1e300, Number.MAX_SAFE_INTEGER, 2 ** 31, '', ' ', 'x', '0'],
  ...[
    'x'.repeat(300),
    'x'.repeat(70_000),
    'a\0b',
    '\ud800',
    '../../etc/passwd',
    '%00',
    'true',
    '١٢',
  ],
  ...['10.60.0.0', '255.255.255.255', '0.0.0.0/0', '10.60.0.0/8', 'NaN', '{{ x }}', '🎉', '\n'],
  ...[[], [[]], {}, { a: { b: [] } }, ['x'], Array(50).fill('10.60.0.3'), { toString: 1 }],
];

/** The same changes for the same seed. */
export function* mutations(
  valid: () => object,
  seed: number,
  count: number,
): Generator<Mutation, void> {
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  for (let number = 0; number < count; number++) {
    const body: unknown = structuredClone(valid());
    const changes = Array.from({ length: random() < 0.7 ? 1 : 3 }, () =>
      change(body as Json, pick),
    );
    yield { what: `seed ${seed}, number ${number}: ${changes.join(', ')}`, body };
  }
}

function change(body: Json, pick: <T>(list: readonly T[]) => T): string {
  const at = pick([body, body, body, ...Object.values(body).filter(isJson)]);
  const key = pick(Object.keys(at).length > 0 ? Object.keys(at) : ['0']);
  const how = pick(['remove', 'add', 'replace', 'replace', 'replace', 'wrap', 'rename', 'twist']);
  switch (how) {
    case 'remove':
      Reflect.deleteProperty(at, key);
      break;
    case 'add':
      at[`${key}x`] = pick(VALUES);
      break;
    case 'wrap':
      at[key] = [at[key]];
      break;
    case 'rename':
      at[key.toUpperCase()] = at[key];
      break;
    case 'twist':
      at[key] = typeof at[key] === 'string' ? twisted(at[key], pick) : pick(VALUES);
      break;
    default:
      at[key] = pick(VALUES);
  }
  return `${how} ${key}`;
}

function twisted(text: string, pick: <T>(list: readonly T[]) => T): string {
  const at = pick([...text].map((_letter, index) => index).concat(0));
  return (
    text.slice(0, at) + pick(['', '0', '-', '.', ' ', 'Ä', '\0', "'", '/']) + text.slice(at + 1)
  );
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

/** Mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
