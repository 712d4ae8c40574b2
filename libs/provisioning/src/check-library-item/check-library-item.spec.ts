import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeTools, finalFailure, RunBench, transientFailure } from '../testing';

const VERSION = { itemId: 'a-playbook', number: 2 };
const TEXT = { language: 'playbook', content: '- hosts: all' } as const;
const FINE = { verdict: 'ok', message: null, line: null } as const;

function bench() {
  const tools = fakeTools();
  tools.libraryChecks.add(VERSION, TEXT);
  return new RunBench(tools, { ...VERSION }, 'check-library-item');
}

beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync');
  return () => vi.useRealTimers();
});

describe('checking a version', () => {
  it('keeps what the checker says of its text', async () => {
    const check = bench();
    await check.advance();
    expect(check.run.status).toBe('success');
    expect(check.tools.syntax.checked).toEqual([TEXT]);
    expect(check.tools.libraryChecks.verdictOn(VERSION)).toEqual(FINE);
    expect(check.result).toEqual(FINE);
  });

  it('is done, and not failed, when the text is refused', async () => {
    const check = bench();
    const refused = { verdict: 'refused', message: 'No such module.', line: 7 } as const;
    check.tools.syntax.verdict = refused;
    await check.advance();
    expect(check.run.status).toBe('success');
    expect(check.tools.libraryChecks.verdictOn(VERSION)).toEqual(refused);
    expect(check.store.lines).toEqual(['Version 2: refused in line 7. No such module.']);
  });

  it('comes to the same when it is done twice', async () => {
    const check = bench();
    await check.dieAfter('check-syntax');
    await check.advance();
    expect(check.run.status).toBe('success');
    expect(check.tools.libraryChecks.verdictOn(VERSION)).toEqual(FINE);
  });

  it('has nothing to say of a text that was removed meanwhile', async () => {
    const check = new RunBench(fakeTools(), { ...VERSION }, 'check-library-item');
    await check.advance();
    expect(check.run.status).toBe('success');
    expect(check.tools.syntax.checked).toEqual([]);
    expect(check.tools.libraryChecks.verdictOn(VERSION)).toBeUndefined();
  });

  it('tries a worker without room again', async () => {
    const check = bench();
    check.tools.syntax.calls.failNext('check', transientFailure('worker-disk-full'));
    await check.advance();
    expect(check.run.status).toBe('success');
    expect(check.step('check-syntax')?.attempts).toBe(2);
  });

  it('fails without a verdict where nothing can be checked', async () => {
    const check = bench();
    check.tools.syntax.calls.failNext('check', finalFailure('check-not-possible'));
    await check.advance();
    expect(check.run).toMatchObject({
      status: 'failed',
      failure: { step: 'check-syntax', code: 'check-not-possible' },
    });
    expect(check.tools.libraryChecks.verdictOn(VERSION)).toBeUndefined();
  });
});
