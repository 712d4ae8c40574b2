import { ProblemAnswer } from '@diaken/client';
import { VCenterView } from '@diaken/contracts';
import { describe, expect, it } from 'vitest';
import { sharedSystem } from '../../support/shared-system';

describe('a registered vCenter', () => {
  it('keeps its password from another server: a new address needs it again', async () => {
    const { client, needed, lab } = await sharedSystem();
    const path = `vcenters/${needed.vcenterId}`;
    const before = await client.get(path, VCenterView);

    const change = { url: 'https://127.0.0.1:1/sdk' };
    const refused = await client.change('PATCH', path, change, VCenterView).catch((error) => error);
    expect(refused).toBeInstanceOf(ProblemAnswer);
    expect(refused.problem).toMatchObject({ status: 400, errors: [{ path: 'password' }] });
    expect(await client.get(path, VCenterView)).toEqual(before);

    const both = { url: before.url, password: lab.password, name: 'Lab' };
    expect(await client.change('PATCH', path, both, VCenterView)).toEqual(before);
  });
});
