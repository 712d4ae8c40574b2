import { describe, expect, it } from 'vitest';
import { readConfiguration } from './configuration';

const complete = {
  DATABASE_URL: 'postgresql://diaken:secret@localhost:5432/diaken',
  REDIS_URL: 'redis://localhost:6379/2',
  DIAKEN_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
};

describe('the configuration', () => {
  it('has a default for all but the addresses and the keys', () => {
    expect(readConfiguration(complete)).toMatchObject({
      DIAKEN_WORKER_CONCURRENCY: 10,
      DIAKEN_API_PORT: 3000,
    });
  });

  it('names every variable that is missing or wrong, and shows no value', () => {
    const wrong = { ...complete, REDIS_URL: 'redis://:hunter2@localhost/main', DATABASE_URL: '' };
    expect(() => readConfiguration(wrong)).toThrow(/DATABASE_URL[^]*REDIS_URL must end with/);
    expect(() => readConfiguration(wrong)).not.toThrow('hunter2');
  });
});
