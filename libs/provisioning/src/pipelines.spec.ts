import { RUN_KINDS, type RunKind } from '@diaken/contracts';
import { describe, expect, it } from 'vitest';
import { pipelinesOf, planFor } from './pipelines';
import { fakeTools } from './testing';

describe('the pipelines', () => {
  it('are as many as there are kinds of runs', () => {
    expect([...pipelinesOf(fakeTools()).keys()]).toEqual(RUN_KINDS);
  });

  it('tell the steps of a run before it begins', () => {
    const plan = planFor('deploy-vm');
    expect(plan[0]).toEqual({ name: 'preflight', title: 'Check the request', weight: 1 });
    expect(plan.at(-1)).toMatchObject({ name: 'notify' });
  });

  it('are not made up', () => {
    expect(() => planFor('make-coffee' as RunKind)).toThrow('No pipeline of kind make-coffee');
  });
});
