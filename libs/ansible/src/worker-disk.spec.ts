import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { needingRoom } from './worker-disk';

const refusing = (code: string) =>
  needingRoom('/runs', () => Promise.reject(Object.assign(new Error(code), { code })));

describe('needingRoom', () => {
  it.each(['ENOSPC', 'EDQUOT', 'EFBIG'])('says where there is no room, after %s', async (code) => {
    await expect(refusing(code)).rejects.toMatchObject({
      code: 'worker-disk-full',
      message: `The disk of the worker ${hostname()} is full: nothing can be written to /runs. Nothing was done on any host.`,
      remedy: expect.stringContaining('Free space there'),
      transient: true,
    });
  });

  it('leaves other errors alone', async () => {
    await expect(refusing('EACCES')).rejects.toThrow('EACCES');
  });
});
