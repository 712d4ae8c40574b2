import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { MATERIAL_ANIMATIONS } from '@angular/material/core';
import type { RunStatus } from '@diaken/contracts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { provideIcons } from '../../icons/icons';
import { aRun } from '../testing/a-run';
import { SelectedRuns } from './selected-runs';

const id = (number: number) => `0000000${number}-0000-4000-8000-000000000000`;

/** Dialogs are loaded when they are first needed. */
const soon = <T>(check: () => T) => vi.waitFor(check, { timeout: 15_000 });

describe('SelectedRuns', () => {
  const show = async (...statuses: RunStatus[]) => {
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        provideIcons(),
        { provide: MATERIAL_ANIMATIONS, useValue: { animationsDisabled: true } },
      ],
    });
    const fixture = TestBed.createComponent(SelectedRuns);
    const runs = statuses.map((status, index) =>
      aRun({ id: id(index), target: `m${index}`, status }),
    );
    fixture.componentRef.setInput('runs', runs);
    await fixture.whenStable();
    return fixture;
  };
  afterEach(() => TestBed.resetTestingModule());

  it('cancels those that have not ended, after a question', async () => {
    const fixture = await show('running', 'success', 'pending');
    const bar = fixture.nativeElement as HTMLElement;
    const cleared = vi.fn();
    const acted = vi.fn();
    fixture.componentInstance.cleared.subscribe(cleared);
    fixture.componentInstance.acted.subscribe(acted);
    expect(bar.textContent).toContain('3 selected, 1 cannot be cancelled');
    bar.querySelector('button')?.click();
    const dialog = await soon(() => {
      TestBed.tick();
      return document.querySelector('mat-dialog-container') ?? expect.fail('no dialog');
    });
    expect(dialog.querySelector('h2')?.textContent).toBe('Cancel 2 runs?');
    expect(dialog.textContent).toContain('m0 and m2');
    dialog.querySelector<HTMLElement>('.confirm')?.click();
    const api = TestBed.inject(HttpTestingController);
    const asked = api.expectOne('/api/v1/runs/cancel');
    expect(asked.request.body).toEqual({ ids: [id(0), id(2)], machine: 'roll-back' });
    asked.flush({ cancelled: 1, cancelling: 1, runs: [] });
    await soon(() => expect(acted).toHaveBeenCalledOnce());
    expect(cleared).toHaveBeenCalledOnce();
    await soon(() => {
      TestBed.tick();
      expect(document.body.textContent).toContain('1 cancelled, 1 being ended by a worker');
    });
  });

  it('offers nothing for runs that have all ended', async () => {
    const bar = (await show('failed', 'success')).nativeElement as HTMLElement;
    expect(bar.textContent).toContain('2 selected, none can be cancelled');
    bar.querySelector('button')?.click();
    TestBed.tick();
    expect(document.querySelector('mat-dialog-container')).toBeNull();
  });
});
