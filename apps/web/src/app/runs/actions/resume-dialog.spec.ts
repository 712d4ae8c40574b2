import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { MATERIAL_ANIMATIONS } from '@angular/material/core';
import { MAT_DIALOG_DATA, MatDialogRef } from '@angular/material/dialog';
import type { RunView } from '@diaken/contracts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { provideIcons } from '../../icons/icons';
import { aRun, aStep } from '../testing/a-run';
import { ResumeDialog } from './resume-dialog';

const playbook = (number: number, name: string) => ({
  id: `0000000${number}-0000-4000-8000-000000000000`,
  name,
  description: '',
  osFamily: 'any',
  targetType: 'any',
  current: 1,
  project: null,
  latest: {
    ...{ number: 1, author: 'admin', note: '', createdAt: '2026-11-22T12:00:00.000Z' },
    ...{ state: 'ok', message: null, line: null, commit: null, checkRunId: null },
  },
  updatedAt: '2026-11-22T12:00:00.000Z',
  createdAt: '2026-11-22T12:00:00.000Z',
});
const BROKEN = playbook(0, 'Broken');
const MENDED = playbook(1, 'Mended');
const LAST = playbook(2, 'Last');

const failed = (change: Partial<RunView> = {}) =>
  aRun({
    status: 'failed',
    actions: ['resume'],
    editable: ['playbookIds', 'extraVars'],
    request: { playbookIds: [BROKEN.id, LAST.id], extraVars: { port: 80 } },
    steps: [aStep({ name: 'run-playbooks', title: 'Run the playbooks', status: 'failed' })],
    failure: { step: 'run-playbooks', code: 'playbook-failed', message: 'No.', remedy: 'Mend.' },
    ...change,
  });

/** Dialogs are loaded when they are first needed. */
const soon = <T>(check: () => T) => vi.waitFor(check, { timeout: 15_000 });

describe('ResumeDialog', () => {
  let close: ReturnType<typeof vi.fn>;

  const show = async (run: RunView) => {
    close = vi.fn();
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        provideIcons(),
        { provide: MAT_DIALOG_DATA, useValue: run },
        { provide: MatDialogRef, useValue: { close } },
        { provide: MATERIAL_ANIMATIONS, useValue: { animationsDisabled: true } },
      ],
    });
    const fixture = TestBed.createComponent(ResumeDialog);
    TestBed.tick();
    for (const asked of api().match(({ url }) => url.endsWith('/playbooks'))) {
      asked.flush({ items: [BROKEN, MENDED, LAST], next: null });
    }
    await fixture.whenStable();
    return fixture.nativeElement as HTMLElement;
  };
  const api = () => TestBed.inject(HttpTestingController);
  const press = (root: ParentNode, label: string) => {
    root.querySelector<HTMLElement>(`[aria-label="${label}"]`)?.click();
    TestBed.tick();
  };
  const type = (root: ParentNode, text: string) => {
    const area = root.querySelector('textarea');
    if (area) {
      area.value = text;
      area.dispatchEvent(new Event('input'));
    }
    TestBed.tick();
  };
  const submit = (root: ParentNode) => {
    root.querySelector<HTMLElement>('.confirm')?.click();
    TestBed.tick();
  };
  const sent = () => {
    const asked = api().expectOne(`${aRun().links.self}/resume`);
    asked.flush({ id: aRun().id, status: 'pending', links: aRun().links });
    return asked.request.body as unknown;
  };
  const chosen = (root: ParentNode) =>
    [...root.querySelectorAll('li .name')].map((name) => name.textContent);
  afterEach(() => api().verify());

  it('goes on as it is, without asking for anything', async () => {
    const dialog = await show(failed());
    expect(dialog.textContent).toMatch(/It goes on\s+at “Run the playbooks”/);
    expect(dialog.querySelector('.confirm')?.textContent.trim()).toBe('Resume');
    submit(dialog);
    expect(sent()).toEqual({});
    await soon(() => expect(close).toHaveBeenCalledOnce());
  });

  it('shows only the inputs that can still be changed', async () => {
    const dialog = await show(failed({ editable: [] }));
    expect(dialog.querySelector('mat-form-field')).toBeNull();
    api().expectNone(({ url }) => url.endsWith('/credentials'));
  });

  it('sends the playbooks in their new order, and nothing else', async () => {
    const dialog = await show(failed());
    expect(chosen(dialog)).toEqual(['Broken', 'Last']);
    press(dialog, 'Move Broken down');
    expect(chosen(dialog)).toEqual(['Last', 'Broken']);
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Move Broken down');
    press(dialog, 'Move Broken down');
    expect(chosen(dialog)).toEqual(['Last', 'Broken']);
    press(dialog, 'Remove Broken');
    expect(dialog.querySelector('.confirm')?.textContent.trim()).toBe('Resume with changes');
    submit(dialog);
    expect(sent()).toEqual({ playbookIds: [LAST.id] });
  });

  it('tells that a playbook is not there any more', async () => {
    const gone = '77777777-7777-4777-8777-777777777777';
    const dialog = await show(failed({ request: { playbookIds: [gone] } }));
    expect(chosen(dialog)).toEqual(['A playbook that is not there any more']);
  });

  it('sends nothing while the variables are wrong, and says what is wrong', async () => {
    const dialog = await show(failed());
    type(dialog, '{ "ansible_host": "10.0.0.1" }');
    submit(dialog);
    expect(dialog.querySelector('mat-error')?.textContent).toContain('cannot be set');
    api().expectNone(`${aRun().links.self}/resume`);

    type(dialog, '{ "port": 81 }');
    submit(dialog);
    expect(sent()).toEqual({ extraVars: { port: 81 } });
  });
});
