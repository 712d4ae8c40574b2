import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import type { RunView } from '@diaken/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { provideIcons } from '../../icons/icons';
import { LIVE_POLL_MS, RETRY_MS } from '../../polling/poll';
import { aRun, aStep, statusOf } from '../testing/a-run';
import { RunPage } from './run-page';

const failure = {
  step: 'clone',
  code: 'not-enough-space',
  message: 'Datastore ds-01 has 3 GiB free.',
  remedy: 'Choose another datastore.',
} as const;

describe('RunPage', () => {
  let api: HttpTestingController;

  beforeEach(() => {
    // jsdom has no layout and therefore does not scroll.
    Element.prototype.scrollTo = () => undefined;
    vi.useFakeTimers();
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        provideRouter([]),
        provideIcons(),
      ],
    });
    api = TestBed.inject(HttpTestingController);
  });
  afterEach(() => {
    TestBed.resetTestingModule();
    vi.useRealTimers();
  });

  const settle = async (ms = 0) => {
    for (const passed of [0, ms, 0]) {
      TestBed.tick();
      await vi.advanceTimersByTimeAsync(passed);
    }
    TestBed.tick();
  };
  const open = async (run: RunView) => {
    const page = TestBed.createComponent(RunPage);
    page.componentRef.setInput('id', run.id);
    await settle();
    return page.nativeElement as HTMLElement;
  };
  const answerStatus = async (run: RunView) => {
    const asked = api.expectOne(run.links.status);
    asked.flush(statusOf(run), { headers: { ETag: `"${run.revision}"` } });
    await settle();
    return asked.request;
  };
  const answerRun = async (run: RunView) => {
    api.expectOne(run.links.self).flush(run);
    await settle();
  };

  it('shows the steps with their attempts, durations and messages', async () => {
    const steps = [
      aStep({ attempts: 3, message: 'Cloned in 41 s' }),
      aStep({ name: 'boot', title: 'Start the machine', status: 'pending', startedAt: null }),
    ];
    const run = aRun({ status: 'success', endedAt: '2026-11-22T12:01:00.000Z', steps });
    const page = await open(run);
    await answerStatus(run);
    await answerRun(run);

    const [clone, boot] = [...page.querySelectorAll('dk-timeline-step')].map((e) => e.textContent);
    expect(clone).toMatch(/Clone the template\s*Success\s*41 s\s*Attempt 3\s*Cloned in 41 s/);
    expect(boot).toContain('Not started');
    expect(page.querySelector('dk-run-failure-box')).toBeNull();
  });

  it('says at which step it failed, why, and what to do', async () => {
    const run = aRun({ status: 'failed', failure, steps: [aStep({ status: 'failed' })] });
    const page = await open(run);
    await answerStatus(run);
    await answerRun(run);

    const box = page.querySelector('dk-run-failure-box')?.textContent;
    expect(box).toContain('Failed at “Clone the template”');
    expect(box).toContain(failure.message);
    expect(box).toContain(failure.remedy);
  });

  it('reads the whole run again only when its revision has grown', async () => {
    const run = aRun();
    await open(run);
    await answerStatus(run);
    await answerRun(run);

    await settle(LIVE_POLL_MS);
    const unchanged = api.expectOne(run.links.status);
    expect(unchanged.request.headers.get('If-None-Match')).toBe('"1"');
    unchanged.flush(null, { status: 304, statusText: 'Not Modified' });
    await settle();
    api.expectNone(run.links.self);

    await settle(LIVE_POLL_MS);
    const grown = aRun({ revision: 2, status: 'success' });
    await answerStatus(grown);
    await answerRun(grown);
    await settle(10 * LIVE_POLL_MS);
    api.expectNone(run.links.status);
  });

  it('keeps what it shows while the connection is lost', async () => {
    const run = aRun();
    const page = await open(run);
    await answerStatus(run);
    await answerRun(run);

    await settle(LIVE_POLL_MS);
    api.expectOne(run.links.status).error(new ProgressEvent('error'));
    await settle();
    expect(page.textContent).toContain('Connection lost.');
    expect(page.querySelector('h1')?.textContent).toBe('web-01');

    await settle(RETRY_MS);
    await answerStatus(run);
    expect(page.textContent).not.toContain('Connection lost.');
  });

  it('reads the end of a long log, and then only what is new', async () => {
    const run = aRun({ logLines: 20_000 });
    await open(run);
    await answerStatus(run);
    await answerRun(run);

    const line = (number: number) => ({ line: number, at: run.createdAt, step: 'a', text: 'x' });
    const first = api.expectOne(({ url }) => url === run.links.log);
    expect(first.request.params.get('from')).toBe('19001');
    const items = Array.from({ length: 1_000 }, (_, index) => line(19_001 + index));
    first.flush({ items, total: 20_000 });

    await settle(LIVE_POLL_MS);
    await answerStatus(aRun({ logLines: 20_002 }));
    const next = api.expectOne(({ url }) => url === run.links.log);
    expect(next.request.params.get('from')).toBe('20001');
    next.flush({ items: [line(20_001), line(20_002)], total: 20_002 });
    await settle();
    api.expectNone(({ url }) => url === run.links.log);
  });

  it('says so when there is no such run', async () => {
    const run = aRun();
    const page = await open(run);
    const problem = { type: 't', title: 't', status: 404, code: 'not-found', detail: 'None.' };
    api.expectOne(run.links.status).flush(problem, { status: 404, statusText: 'Not Found' });
    await settle();
    expect(page.querySelector('h1')?.textContent).toBe('There is no such run');
  });
});
