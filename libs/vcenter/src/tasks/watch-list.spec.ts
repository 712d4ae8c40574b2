import { ProvisioningFailure } from '@diaken/provisioning';
import { beforeEach, describe, expect, it } from 'vitest';
import { failureOfFault } from '../problems/fault-failure';
import type { VimCall } from '../session/vim-connection';
import { VimFault } from '../soap/vim-fault';
import { MoRef, moRefOf, objectsOf, type VimValue } from '../soap/vim-value';
import { WatchList } from './watch-list';

const never = new AbortController().signal;
const POLL_MS = 5;

/** A vCenter with tasks of which some end, some are unknown, and which sometimes cannot be reached. */
class FakeVCenter {
  readonly states = new Map<string, string>();
  failures: Error[] = [];
  requests: string[][] = [];

  async call({ parameters }: VimCall): Promise<VimValue> {
    const failure = this.failures.shift();
    if (failure) throw failure;
    const asked = objectsOf(parameters?.['specSet'])
      .flatMap((spec) => objectsOf(spec['objectSet']))
      .flatMap((start) => moRefOf(start['obj']) ?? []);
    this.requests.push(asked.map(({ value }) => value));
    return { objects: asked.map((task) => this.contentOf(task)) };
  }

  private contentOf(task: MoRef): VimValue {
    const state = this.states.get(task.value);
    if (state === undefined) {
      throw failureOfFault('Lab', new VimFault('ManagedObjectNotFound', '', { obj: task }));
    }
    return { obj: task, propSet: [{ name: 'info.state', val: state }] };
  }
}

let vcenter: FakeVCenter;
let watches: WatchList;

beforeEach(() => {
  vcenter = new FakeVCenter();
  watches = new WatchList(vcenter, POLL_MS);
});

function ended(task: string, signal = never): Promise<VimValue> {
  return watches.until(
    {
      object: new MoRef('Task', task),
      paths: ['info.state'],
      look: (seen) => (seen['info.state'] === 'running' ? undefined : seen['info.state']),
    },
    signal,
  );
}

function failure(transient: boolean): ProvisioningFailure {
  const code = 'vcenter-unreachable';
  return new ProvisioningFailure({ code, cause: 'away', remedy: 'wait', transient });
}

describe('the watch list', () => {
  it('looks at everything that anybody waits for in one request', async () => {
    for (const task of ['a', 'b']) vcenter.states.set(task, 'success');
    await Promise.all([ended('a'), ended('b'), ended('b')]);
    expect(vcenter.requests).toEqual([['a', 'b']]);
  });

  it('asks nothing when nobody waits any more', async () => {
    vcenter.states.set('a', 'success');
    await ended('a');
    const before = vcenter.requests.length;
    await new Promise((next) => setTimeout(next, 5 * POLL_MS));
    expect(vcenter.requests).toHaveLength(before);
    await expect(ended('a')).resolves.toBe('success');
  });

  it('goes on while vCenter cannot be reached', async () => {
    vcenter.states.set('a', 'success');
    vcenter.failures = [failure(true), failure(true)];
    await expect(ended('a')).resolves.toBe('success');
  });

  it('ends all waits when waiting cannot help', async () => {
    vcenter.failures = [failure(false)];
    const waits = await Promise.allSettled([ended('a'), ended('b')]);
    expect(waits.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('ends only the wait for what vCenter does not know', async () => {
    vcenter.states.set('a', 'success');
    const [lost, other] = await Promise.allSettled([ended('lost'), ended('a')]);
    expect(lost).toMatchObject({ status: 'rejected', reason: { code: 'vcenter-fault' } });
    expect(other).toMatchObject({ status: 'fulfilled', value: 'success' });
  });

  it('ends a wait with the reason of its signal', async () => {
    vcenter.states.set('a', 'running');
    const controller = new AbortController();
    const waits = ended('a', controller.signal);
    const reason = new Error('stop');
    controller.abort(reason);
    await expect(waits).rejects.toBe(reason);
    await expect(ended('a', controller.signal)).rejects.toBe(reason);
  });

  it('ends only the wait of which the look throws', async () => {
    vcenter.states.set('a', 'success');
    const odd = watches.until(
      {
        object: new MoRef('Task', 'a'),
        paths: [],
        look: () => {
          throw new Error('odd');
        },
      },
      never,
    );
    const [first, second] = await Promise.allSettled([odd, ended('a')]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('ends all waits when it is closed', async () => {
    vcenter.states.set('a', 'running');
    const waits = ended('a');
    watches.close(new Error('closed'));
    await expect(waits).rejects.toThrow('closed');
  });
});
