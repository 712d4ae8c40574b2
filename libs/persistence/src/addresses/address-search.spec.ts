import { describe, expect, it } from 'vitest';
import { readSearch } from './address-search';

describe('what somebody searches addresses for', () => {
  it.each([
    ['10.1.0.20', ['address 10.1.0.20']],
    ['10.1.', ['address-beginning 10.1.', 'name 10.1.']],
    ['00:50:56:AB:00:01', ['mac 005056ab0001', 'name 00:50:56:ab:00:01']],
    ['00-50-56-ab-00-01', ['mac 005056ab0001', 'name 00-50-56-ab-00-01']],
    ['0050.56ab.0001', ['mac 005056ab0001', 'name 0050.56ab.0001']],
    ['005056AB0001', ['mac 005056ab0001', 'name 005056ab0001']],
    ['ab:00:01', ['mac ab0001', 'name ab:00:01']],
    ['web-01', ['name web-01']],
    ['Web', ['name web']],
    ['%_\\', ['name %_\\']],
  ])('may mean with %s', (text, meanings) => {
    expect(readSearch(text).map(({ by, text: sought }) => `${by} ${sought}`)).toEqual(meanings);
  });
});
