import { describe, expect, it } from 'vitest';
import { annotationOf, runNamedBy } from './run-annotation';

const RUN = '0f0e0d0c-0b0a-4900-8000-00000000000a';

describe('the annotation of a machine', () => {
  it('names the run that made it', () => {
    expect(runNamedBy(annotationOf(RUN))).toBe(RUN);
    expect(runNamedBy(annotationOf(RUN.toUpperCase()))).toBe(RUN);
  });

  it('names it also between words that people have added', () => {
    expect(runNamedBy(`Owner: web team.\n${annotationOf(RUN)}.\nAsk before rebooting.`)).toBe(RUN);
  });

  it.each(['', 'Created by hand', 'Created by Diaken, run 12', `Not ours: ${RUN}`])(
    'names no run in %o',
    (annotation) => {
      expect(runNamedBy(annotation)).toBeUndefined();
    },
  );
});
