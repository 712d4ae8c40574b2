import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { By } from '@angular/platform-browser';
import { provideRouter } from '@angular/router';
import { RunPolicy, type RunView } from '@diaken/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { provideIcons } from '../../icons/icons';
import { IDLE_POLL_MS, LIVE_POLL_MS, RETRY_MS } from '../../polling/poll';
import { RunActions } from '../actions/run-actions';
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
  let fixture: ComponentFixture<RunPage>;

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
    fixture = TestBed.createComponent(RunPage);
    fixture.componentRef.setInput('id', run.id);
    await settle();
    return fixture.nativeElement as HTMLElement;
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

  it('follows a failed run that is resumed, from that moment on', async () => {
    const failed = aRun({ status: 'failed', failure, actions: ['resume'] });
    const page = await open(failed);
    await answerStatus(failed);
    await answerRun(failed);
    await settle(LIVE_POLL_MS);
    api.expectNone(failed.links.status);

    fixture.debugElement.query(By.directive(RunActions)).triggerEventHandler('acted');
    await settle();
    const waiting = {
      code: 'queued',
      message: 'A worker takes it in a moment.',
      place: 1,
      until: null,
    } as const;
    const resumed = aRun({
      status: 'pending',
      step: null,
      waiting,
      revision: 2,
      actions: ['cancel'],
    });
    await answerStatus(resumed);
    await answerRun(resumed);
    expect(page.querySelector('.now')?.textContent).toBe('Waiting: A worker takes it in a moment.');
    await settle(LIVE_POLL_MS);
    await answerStatus(resumed);
  });

  it('hears, after a while, of what others do to a failed run', async () => {
    const failed = aRun({ status: 'failed', failure });
    await open(failed);
    await answerStatus(failed);
    await answerRun(failed);
    await settle(IDLE_POLL_MS);
    await answerStatus(failed);
  });

  it('shows how the run is undone, step by step', async () => {
    const steps = [
      aStep({ status: 'undoing' }),
      aStep({ name: 'boot', title: 'Power on', status: 'undone' }),
    ];
    const run = aRun({ status: 'cancelling', steps });
    const page = await open(run);
    await answerStatus(run);
    await answerRun(run);
    expect(page.querySelector('dk-status-chip')?.textContent).toBe('Cancelling');
    expect(page.querySelector('.now')?.textContent).toBe('Undoing: Clone the template');
    const shown = [...page.querySelectorAll('dk-timeline-step')].map((e) => e.textContent.trim());
    expect(shown).toEqual(['Clone the templateUndoing', 'Power onUndone']);
  });

  it('says that a run is told to end before its worker does', async () => {
    const run = aRun({ status: 'running', actions: [] });
    const page = await open(run);
    await answerStatus(run);
    await answerRun(run);
    expect(page.querySelector('.now')?.textContent).toContain('its worker is about to stop it');
  });

  it('tells what is unusual about a run: its attempt, its priority, the run that it repeats', async () => {
    const run = aRun({
      status: 'success',
      priority: 7,
      attempt: 2,
      policy: RunPolicy.parse({ retry: { attempts: 3 } }),
      relaunchOf: '0f0e0d0c-0b0a-4900-8000-000000000002',
    });
    const page = await open(run);
    await answerStatus(run);
    await answerRun(run);
    const facts = page.querySelector('dl');
    expect(facts?.textContent).toMatch(/Priority\s*7 of 9\s*Attempt\s*2 of 3/);
    expect(facts?.querySelector('a')?.getAttribute('href')).toBe(`/runs/${run.relaunchOf}`);
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
