import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { MATERIAL_ANIMATIONS } from '@angular/material/core';
import { MatDialog } from '@angular/material/dialog';
import { provideRouter, Router } from '@angular/router';
import type { Role, RunAction, RunView } from '@diaken/contracts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { provideIcons } from '../../icons/icons';
import { signedInAs } from '../../session/testing/signed-in-as';
import { aRun } from '../testing/a-run';
import { RunActions } from './run-actions';

const conflict = {
  type: 't',
  title: 't',
  status: 409,
  code: 'action-not-allowed',
  detail: 'The run is pending.',
  remedy: 'What it allows now: cancel.',
};

/** Dialogs are loaded when they are first needed. */
const soon = <T>(check: () => T) => vi.waitFor(check, { timeout: 15_000 });

describe('RunActions', () => {
  let acted: number;

  const show = async (run: RunView, role: Role = 'operator') => {
    acted = 0;
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        provideRouter([]),
        provideIcons(),
        signedInAs(role),
        { provide: MATERIAL_ANIMATIONS, useValue: { animationsDisabled: true } },
      ],
    });
    const fixture = TestBed.createComponent(RunActions);
    fixture.componentRef.setInput('run', run);
    fixture.componentInstance.acted.subscribe(() => (acted += 1));
    await fixture.whenStable();
    return fixture.nativeElement as HTMLElement;
  };
  const buttons = (root: ParentNode) => [...root.querySelectorAll('button')];
  const wordsOf = (root: ParentNode) => buttons(root).map((button) => button.textContent.trim());
  const press = (root: ParentNode, word: string) => {
    const button = buttons(root).find(
      (one) => one.textContent.trim() === word || one.ariaLabel === word,
    );
    expect(button, `button ${word}`).toBeDefined();
    button?.click();
    TestBed.tick();
  };
  const opened = () =>
    soon(() => {
      TestBed.tick();
      const dialog = document.querySelector<HTMLElement>('mat-dialog-container');
      expect(dialog).not.toBeNull();
      return dialog as HTMLElement;
    });
  const api = () => TestBed.inject(HttpTestingController);
  const closed = () => soon(() => expect(TestBed.inject(MatDialog).openDialogs).toHaveLength(0));
  const accept = (path: string, id = aRun().id) => {
    const asked = api().expectOne(`${aRun().links.self}/${path}`);
    asked.flush({ id, status: 'pending', links: aRun().links });
    return asked.request;
  };
  afterEach(() => {
    api().verify();
    TestBed.resetTestingModule();
  });

  it.each<[Role, RunAction[], string[]]>([
    ['operator', ['resume', 'roll-back', 'keep'], ['Resume', 'Roll back', 'Keep']],
    ['operator', ['cancel'], ['Cancel run']],
    ['operator', [], []],
    ['viewer', ['resume', 'roll-back', 'relaunch'], []],
  ])('offers a %s, where the run allows %j: %j', async (role, actions, words) => {
    expect(wordsOf(await show(aRun({ actions }), role))).toEqual(words);
  });

  it('cancels a run, and keeps what it has made where that is wanted', async () => {
    press(await show(aRun({ actions: ['cancel'] })), 'Cancel run');
    const dialog = await opened();
    expect(dialog.textContent).toContain('the machine is deleted with its disks');
    dialog.querySelector<HTMLElement>('mat-radio-button[value=keep] input')?.click();
    TestBed.tick();
    press(dialog, 'Cancel');
    expect(accept('cancel').body).toEqual({ machine: 'keep' });
    await closed();
    await soon(() => expect(acted).toBe(1));
  });

  it('asks nothing about the machine of a run that has not begun', async () => {
    press(await show(aRun({ actions: ['cancel'], startedAt: null })), 'Cancel run');
    const dialog = await opened();
    expect(dialog.querySelector('mat-radio-group')).toBeNull();
    expect(dialog.textContent).toContain('there is nothing to undo');
    press(dialog, 'Back');
    await closed();
  });

  it('says why the API refuses, and leaves the dialog as it is', async () => {
    press(await show(aRun({ actions: ['roll-back'] })), 'Roll back');
    const dialog = await opened();
    expect(dialog.querySelector('h2')?.textContent).toBe('Roll back web-01?');
    press(dialog, 'Roll back');
    const asked = api().expectOne(`${aRun().links.self}/roll-back`);
    asked.flush(conflict, { status: 409, statusText: 'Conflict' });
    await soon(() => {
      TestBed.tick();
      const problem = dialog.querySelector('dk-problem-box')?.textContent;
      expect(problem).toContain(conflict.detail);
      expect(problem).toContain(conflict.remedy);
    });
    press(dialog, 'Roll back');
    accept('roll-back');
    await closed();
  });

  it('goes to the new run of a relaunch, and never starts two', async () => {
    const shown = await show(aRun({ actions: ['relaunch'] }));
    const go = vi.spyOn(TestBed.inject(Router), 'navigate').mockResolvedValue(true);
    press(shown, 'Relaunch');
    const dialog = await opened();
    press(dialog, 'Relaunch');
    const first = api().expectOne(`${aRun().links.self}/relaunch`);
    first.error(new ProgressEvent('error'));
    await soon(() => {
      TestBed.tick();
      expect(dialog.textContent).toContain('The server does not answer.');
    });
    press(dialog, 'Relaunch');
    const id = '99999999-9999-4999-8999-999999999999';
    const key = accept('relaunch', id).headers.get('Idempotency-Key');
    expect(key).toMatch(/^[\x21-\x7e]{10,200}$/);
    expect(key).toBe(first.request.headers.get('Idempotency-Key'));
    await soon(() => expect(go).toHaveBeenCalledWith(['/runs', id]));
  });
});
