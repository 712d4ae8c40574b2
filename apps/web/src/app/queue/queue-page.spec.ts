import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import type { QueueView, Role } from '@diaken/contracts';
import { BehaviorSubject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { provideIcons } from '../icons/icons';
import { PageVisibility } from '../polling/page-visibility';
import { HIDDEN_POLL_MS, LIVE_POLL_MS } from '../polling/poll';
import { signedInAs } from '../session/testing/signed-in-as';
import { QueuePage } from './queue-page';

const ID = '0f0e0d0c-0b0a-4900-8000-000000000001';
const QUEUE = '/api/v1/queue';
const worker: QueueView['workers'][number] = {
  id: ID,
  name: 'host-a:17',
  state: 'working',
  concurrency: 20,
  startedAt: '2026-11-22T12:00:00.000Z',
  seenAt: '2026-11-22T12:00:00.000Z',
  runs: [{ id: ID, kind: 'deploy-vm', target: 'web-01', status: 'running', step: 'Power on' }],
};
const aQueue = (change: Partial<QueueView> = {}): QueueView => ({
  maintenance: { on: false, reason: null, by: null, since: null },
  waiting: { total: 3, oldestSeconds: 75, byPriority: [{ priority: 4, runs: 3 }] },
  active: 1,
  workers: [worker],
  limits: [{ name: `vcenter:${ID}`, label: 'vCenter Lab', limit: 50, active: 1 }],
  ...change,
});

describe('QueuePage', () => {
  let visible: BehaviorSubject<boolean>;

  beforeEach(() => {
    vi.useFakeTimers();
    visible = new BehaviorSubject(true);
  });
  afterEach(() => {
    api().verify();
    TestBed.resetTestingModule();
    vi.useRealTimers();
  });

  const api = () => TestBed.inject(HttpTestingController);
  const settle = async (ms = 0) => {
    for (const passed of [0, ms, 0]) {
      TestBed.tick();
      await vi.advanceTimersByTimeAsync(passed);
    }
    TestBed.tick();
  };
  const answer = async (queue: QueueView) => {
    api().expectOne(QUEUE).flush(queue);
    await settle();
  };
  const show = async (role: Role, queue = aQueue()) => {
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        provideRouter([]),
        provideIcons(),
        signedInAs(role),
        { provide: PageVisibility, useValue: { changes: visible } },
      ],
    });
    const page = TestBed.createComponent(QueuePage);
    await settle();
    await answer(queue);
    return page.nativeElement as HTMLElement;
  };
  const toggle = (page: ParentNode) =>
    page.querySelector<HTMLButtonElement>('mat-slide-toggle button');

  it('shows what waits, and who is at what', async () => {
    const page = await show('viewer');
    expect(page.querySelector('dk-waiting-figures')?.textContent).toMatch(
      /Waiting\s*3\s*Longest wait\s*1 min 15 s\s*At work\s*1.*3 with priority 4/,
    );
    const row = page.querySelector('dk-workers-table tbody tr');
    expect(row?.textContent).toMatch(/host-a:17.*Working.*web-01\s*Power on.*20/);
    expect(row?.querySelector('a')?.getAttribute('href')).toBe(`/runs/${ID}`);
    expect(page.querySelector('dk-limits-table tbody tr')?.textContent).toMatch(
      /vCenter Lab\s*1 of 50/,
    );
  });

  it('hides from a viewer what only an administrator may change', async () => {
    const page = await show('viewer');
    expect(page.querySelector('button')).toBeNull();
  });

  it('asks every two seconds, and not at all while nobody looks', async () => {
    await show('viewer');
    await settle(LIVE_POLL_MS);
    await answer(aQueue());
    visible.next(false);
    await settle(10 * HIDDEN_POLL_MS);
    api().expectNone(QUEUE);
    visible.next(true);
    await settle();
    await answer(aQueue());
  });

  it('says that there is maintenance and why, and ends it', async () => {
    const since = '2026-11-22T12:00:00.000Z';
    const maintenance = { on: true, reason: 'Firmware', by: 'ana', since };
    const page = await show('admin', aQueue({ maintenance }));
    const banner = page.querySelector('dk-maintenance-switch');
    expect(banner?.textContent).toMatch(/no new work is started.*“Firmware”.*Started by ana/);
    banner?.querySelector('button')?.click();
    const asked = api().expectOne(`${QUEUE}/maintenance`);
    expect(asked.request).toMatchObject({ method: 'PUT', body: { on: false } });
    asked.flush({ on: false, reason: null, by: null, since: null });
    await settle();
    await answer(aQueue());
    expect(page.textContent).toContain('Start maintenance');
  });

  it('drains a worker; the switch goes back when that is refused', async () => {
    const page = await show('admin');
    toggle(page)?.click();
    const refused = api().expectOne(`${QUEUE}/workers/${ID}`);
    expect(refused.request).toMatchObject({ method: 'PATCH', body: { draining: true } });
    refused.flush(null, { status: 503, statusText: 'Service Unavailable' });
    await settle();
    await answer(aQueue());
    expect(toggle(page)?.getAttribute('aria-checked')).toBe('false');
    expect(page.querySelector('dk-problem-box')?.textContent).toContain('503');

    toggle(page)?.click();
    const draining = aQueue({ workers: [{ ...worker, state: 'draining' }] });
    api().expectOne(`${QUEUE}/workers/${ID}`).flush(draining);
    await settle();
    await answer(draining);
    expect(toggle(page)?.getAttribute('aria-checked')).toBe('true');
    expect(page.querySelector('dk-problem-box')).toBeNull();
  });
});
