import { Notifications } from './notifications';
import { RUN_DECIDED_CHANNEL } from './transaction';

/** Hears which runs an operator has decided about. */
export class RunDecisions extends Notifications {
  constructor(url: string) {
    super(url, RUN_DECIDED_CHANNEL);
  }

  /** Calls back with the id of each run. */
  each(onDecision: (runId: string) => void): void {
    this.emitter.on('any', onDecision);
  }
}
