import { describe, expect, it } from 'vitest';
import { isSameUuid } from './identity';

describe('a product UUID', () => {
  it.each([
    ['itself', '564d0102-0304-0506-0708-000000000001'],
    ['itself in capitals', '564D0102-0304-0506-0708-000000000001'],
    ['itself with white space', '564d0102-0304-0506-0708-000000000001\n'],
    ['its first three fields byte-swapped', '02014d56-0403-0605-0708-000000000001'],
  ])('is the machine’s when it is %s', (_what, uuid) => {
    expect(isSameUuid(uuid, '564d0102-0304-0506-0708-000000000001')).toBe(true);
  });

  it.each([
    ['of another machine', '564d0102-0304-0506-0708-000000000002'],
    ['with the last fields swapped too', '02014d56-0403-0605-0807-000000000001'],
    ['with only the first field swapped', '02014d56-0304-0506-0708-000000000001'],
    ['empty', ''],
  ])('is not the machine’s when it is %s', (_what, uuid) => {
    expect(isSameUuid(uuid, '564d0102-0304-0506-0708-000000000001')).toBe(false);
  });
});
