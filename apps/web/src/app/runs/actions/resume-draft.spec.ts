import { describe, expect, it } from 'vitest';
import { draftOf, editsOf, mistakeInExtraVars } from './resume-draft';

const CREDENTIAL = '11111111-1111-4111-8111-111111111111';
const FIRST = '22222222-2222-4222-8222-222222222222';
const SECOND = '33333333-3333-4333-8333-333333333333';
const run = {
  request: {
    hostname: 'web-01',
    credentialId: CREDENTIAL,
    playbookIds: [FIRST, SECOND],
    extraVars: { port: 80 },
  },
  editable: ['credentialId', 'playbookIds', 'extraVars'],
};

describe('what is changed before a run is resumed', () => {
  it('begins with what was asked for', () => {
    expect(draftOf(run)).toEqual({
      credentialId: CREDENTIAL,
      playbookIds: [FIRST, SECOND],
      extraVars: '{\n  "port": 80\n}',
    });
    expect(draftOf({ request: { vcenterId: FIRST } })).toEqual({
      credentialId: '',
      playbookIds: [],
      extraVars: '',
    });
  });

  it('is nothing while nothing was changed, whatever the spaces', () => {
    expect(editsOf(draftOf(run), run)).toEqual({});
    expect(editsOf({ ...draftOf(run), extraVars: ' {"port":80}' }, run)).toEqual({});
    const other = { request: { vcenterId: FIRST }, editable: run.editable };
    expect(editsOf(draftOf(other), other)).toEqual({});
  });

  it('is only what was changed; another order is a change', () => {
    const playbookIds = [SECOND, FIRST];
    expect(editsOf({ ...draftOf(run), playbookIds }, run)).toEqual({ playbookIds });
    expect(editsOf({ ...draftOf(run), extraVars: '' }, run)).toEqual({ extraVars: {} });
  });

  it('is nothing that has been used up', () => {
    const draft = { ...draftOf(run), credentialId: FIRST, playbookIds: [] };
    expect(editsOf(draft, { ...run, editable: ['playbookIds'] })).toEqual({ playbookIds: [] });
  });

  it.each([
    ['', undefined],
    ['{ "a": [1, null] }', undefined],
    ['{ "a": 1', /^This is not JSON: ./],
    ['[]', /expected record/i],
    ['{ "ansible_user": "x" }', /^ansible_user: .*choose another name/],
    ['{ "my-var": 1 }', /^my-var: must be an Ansible variable name/],
  ])('says of the variables %s: %s', (text, mistake) => {
    const said = mistakeInExtraVars(text);
    if (mistake === undefined) {
      expect(said).toBeUndefined();
    } else {
      expect(said).toMatch(mistake);
    }
  });
});
