import { Injectable } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { interval, map } from 'rxjs';

const TICK_MS = 1_000;

/** The time now, once a second, for everything that says how long ago or how long so far. */
@Injectable({ providedIn: 'root' })
export class Clock {
  readonly now = toSignal(interval(TICK_MS).pipe(map(() => new Date())), {
    initialValue: new Date(),
  });
}
