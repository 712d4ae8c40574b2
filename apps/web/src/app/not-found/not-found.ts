import { Component, input } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';

/** For an address behind which there is nothing. */
@Component({
  selector: 'dk-not-found',
  imports: [MatButton, RouterLink],
  host: { class: 'empty' },
  template: `
    <h1>{{ headline() }}</h1>
    <p class="muted">{{ advice() }}</p>
    <a matButton="filled" routerLink="/runs">Show all runs</a>
  `,
})
export class NotFound {
  readonly headline = input('There is no such page');
  readonly advice = input('The address may be mistyped, or the page has moved.');
}
