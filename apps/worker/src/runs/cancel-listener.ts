import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { RunDecisions } from '@diaken/persistence';
import { TakeRuns } from './take-runs';

/** Stops a cancelled run at once; without the notification, the renewal of its lease tells a little later. */
@Injectable()
export class CancelListener implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(RunDecisions) private readonly decisions: RunDecisions,
    private readonly takeRuns: TakeRuns,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.decisions.each((runId) => void this.takeRuns.heed(runId));
    await this.decisions.open();
  }

  onApplicationShutdown(): Promise<void> {
    return this.decisions.close();
  }
}
