import { describe, expect, it } from 'vitest';
import { maskSecrets } from './mask-secrets';

describe('hiding secrets in a text', () => {
  it('hides each of them, wherever it stands', () => {
    const mask = maskSecrets(['hunter22', 'swordfish']);
    expect(mask('user:hunter22@host, swordfish and hunter22')).toBe(
      'user:********@host, ******** and ********',
    );
  });

  it('hides the longer of two first, so that nothing of it is left', () => {
    expect(maskSecrets(['abcd', 'abcdefgh'])('abcdefgh abcd')).toBe('******** ********');
  });

  it('hides the lines of a secret one by one, and what JSON makes of it', () => {
    const mask = maskSecrets(['first"line\nsecond line\nx']);
    expect(mask('first"line')).toBe('********');
    expect(mask('"msg": "first\\"line\\nsecond line\\nx"')).not.toMatch(/first|second/);
    expect(mask('x stays: it is everywhere')).toBe('x stays: it is everywhere');
  });

  it('leaves a text alone when there is nothing to hide', () => {
    expect(maskSecrets([])('as it is')).toBe('as it is');
  });
});
