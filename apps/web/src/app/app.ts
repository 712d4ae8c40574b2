import { Component, inject } from '@angular/core';
import { RouterOutlet } from '@angular/router';
import { ConnectionBanner } from './polling/connection-banner';
import { CurrentSession } from './session/current-session';

/** The root: whatever page the address asks for. */
@Component({
  selector: 'dk-app',
  imports: [RouterOutlet, ConnectionBanner],
  template: `
    @if (session.unreachable(); as problem) {
      <dk-connection-banner [problem]="problem" />
    }
    <router-outlet />
  `,
})
export class App {
  protected readonly session = inject(CurrentSession);
}
