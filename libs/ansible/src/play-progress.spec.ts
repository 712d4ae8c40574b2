import { describe, expect, it } from 'vitest';
import { PlayProgress } from './play-progress';

const task = (id: string, planned = true) => ({ e: 'task', task: id, name: id, planned }) as const;
const play = (id: string, hosts: string[], batch = hosts) =>
  ({ e: 'play', play: id, hosts, batch }) as const;

function fractions(events: readonly Parameters<PlayProgress['add']>[0][]): number[] {
  const progress = new PlayProgress();
  return events.map((event) => {
    progress.add(event);
    return Number(progress.fraction.toFixed(3));
  });
}

describe('PlayProgress', () => {
  it('counts the planned tasks of all plays, and no others', () => {
    const plan = [
      { play: 'a', tasks: 3 },
      { play: 'b', tasks: 1 },
    ];
    const told = fractions([
      { e: 'run', plan },
      play('a', ['web']),
      task('1'),
      task('included', false),
      task('2'),
      task('3'),
      play('b', ['web']),
      task('4'),
      { e: 'stats', hosts: {} },
    ]);

    expect(told).toEqual([0, 0, 0, 0, 0.25, 0.5, 0.5, 0.75, 1]);
  });

  it('gives every batch of hosts its share', () => {
    const hosts = ['a', 'b', 'c', 'd'];
    const told = fractions([
      { e: 'run', plan: [{ play: 'p', tasks: 2 }] },
      play('p', hosts, ['a', 'b']),
      task('1'),
      task('2'),
      play('p', hosts, ['c', 'd']),
      task('1'),
      task('2'),
    ]);

    expect(told).toEqual([0, 0, 0, 0.25, 0.25, 0.5, 0.75]);
  });

  it('never goes back, whatever the plan did not know', () => {
    const told = fractions([
      { e: 'run', plan: [{ play: 'p', tasks: null }] },
      play('p', ['a']),
      task('1'),
      task('2'),
      play('other', []),
      task('3'),
    ]);

    expect(told).toEqual([0, 0, 0, 1, 1, 1]);
  });
});
