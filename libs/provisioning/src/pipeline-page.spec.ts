import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pipelinePage } from './pipeline-page';
import { pipelinesOf } from './pipelines';
import { NO_TOOLS } from './tools';

const PAGE = resolve(import.meta.dirname, '../../../docs/pipeline.md');
const UPDATE = 'DIAKEN_UPDATE_DOCS=1 npx nx test provisioning --skip-nx-cache';

/** The columns of a step's row, without its number. */
const rowOf = (step: string) =>
  pipelinePage()
    .split('\n')
    .find((line) => line.includes(`\`${step}\``))
    ?.split('|')
    .map((cell) => cell.trim())
    .slice(2, -1);

describe('the page about pipelines', () => {
  it('stands in docs/pipeline.md as it is generated', () => {
    if (process.env['DIAKEN_UPDATE_DOCS']) {
      mkdirSync(dirname(PAGE), { recursive: true });
      writeFileSync(PAGE, pipelinePage());
    }
    const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
    expect(page, `docs/pipeline.md is out of date. Run: ${UPDATE}`).toBe(pipelinePage());
    expect(page).toContain(UPDATE);
  });

  it('has a row for every step of every kind of run', () => {
    for (const [kind, { steps }] of pipelinesOf(NO_TOOLS)) {
      expect(pipelinePage()).toContain(`\n## ${kind}\n`);
      expect(steps.map(({ name }) => rowOf(name)?.[0])).toEqual(
        steps.map(({ name }) => `\`${name}\``),
      );
    }
  });

  it('says in words how a step is tried again, what its failure means and whether it is undone', () => {
    expect(rowOf('clone-template')?.slice(1)).toEqual([
      'Clone the template',
      'always',
      '60 minutes',
      'up to 7 times, first after 3 seconds, each pause 2 × the last',
      'the run stops',
      'yes',
    ]);
    expect(rowOf('verify-machine')?.[4]).toBe('up to 19 times, every 3 seconds');
    expect(rowOf('run-playbooks')?.slice(2, 5)).toEqual([
      'when the request needs it',
      '12 hours',
      'up to 4 times, first after 5 seconds, each pause 2 × the last',
    ]);
    expect(rowOf('notify')?.slice(3)).toEqual(['1 minute', 'no', 'the run goes on', 'no']);
  });
});
