import { Component, input } from '@angular/core';
import type { StepView } from '@diaken/contracts';
import { TimelineStep } from './timeline-step';

/** The steps of a run, in order. */
@Component({
  selector: 'dk-run-timeline',
  imports: [TimelineStep],
  template: `
    <h2 id="steps">Steps</h2>
    <ol aria-labelledby="steps">
      @for (step of steps(); track step.name) {
        <li>
          <dk-timeline-step [step]="step" />
        </li>
      } @empty {
        <li class="muted">None yet.</li>
      }
    </ol>
  `,
  styles: `
    h2 {
      margin: 0 0 12px;
    }

    ol {
      margin: 0;
      padding: 0;
      list-style: none;
    }
  `,
})
export class RunTimeline {
  readonly steps = input.required<readonly StepView[]>();
}
