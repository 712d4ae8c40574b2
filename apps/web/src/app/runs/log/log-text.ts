import { Component, computed, input } from '@angular/core';
import { parseAnsi } from './ansi';

/** The text of one log line with its colours; built from data, never from HTML. */
@Component({
  selector: 'dk-log-text',
  template: `@for (span of spans(); track $index) {
    <span [class]="span.looks">{{ span.text }}</span>
  }`,
  styleUrl: './log-text.scss',
})
export class LogText {
  readonly text = input.required<string>();

  protected readonly spans = computed(() => parseAnsi(this.text()));
}
