import { describe, expect, it } from 'vitest';
import { Refusal } from '../http/refusal';
import { composeRequest } from './compose-request';

const id = '0f0e0d0c-0b0a-4900-8000-000000000001';
const other = '0f0e0d0c-0b0a-4900-8000-000000000002';
const blueprint = {
  request: {
    ...{ vcenterId: id, template: 'debian-12', cluster: 'C0', datastore: 'DS0', credentialId: id },
    ...{ cpus: 2, memoryMb: 2048, network: { profileId: id } },
  },
  choices: { cpus: [4, 8], 'network.profileId': [other], playbookIds: [[], [other]] },
};
const compose = (choices = {}) => composeRequest(blueprint, { hostname: 'web-01', choices });
const refusalOf = (choices: object) =>
  compose(choices).then(
    () => undefined,
    (error: unknown) => (error instanceof Refusal ? error.facts.errors : error),
  );

describe('a machine of a blueprint', () => {
  it('is what the blueprint says, with a name', async () => {
    expect(await compose()).toMatchObject({ ...blueprint.request, hostname: 'web-01' });
  });

  it('has what was chosen, also in its network', async () => {
    const chosen = { cpus: 8, 'network.profileId': other, playbookIds: [other] };
    expect(await compose(chosen)).toMatchObject({
      ...{ cpus: 8, memoryMb: 2048, network: { profileId: other }, playbookIds: [other] },
    });
  });

  it('may be chosen to have what the blueprint says', async () => {
    expect(await compose({ cpus: 2 })).toMatchObject({ cpus: 2 });
  });

  it('has nothing that is not offered, and the refusal names what is', async () => {
    expect(await refusalOf({ cpus: 16, memoryMb: 4096 })).toEqual([
      { path: 'choices.cpus', message: 'must be one of 4, 8' },
      { path: 'choices.memoryMb', message: expect.stringContaining('not left to choose') },
    ]);
  });
});
