import { Logger } from '@nestjs/common';
import { Notifier } from '@diaken/provisioning';

/** Tells the worker's log; for whoever asked, the run itself says that the machine is ready. */
export class LoggedNotifier extends Notifier {
  private readonly logger = new Logger(LoggedNotifier.name);

  override async machineReady(message: Parameters<Notifier['machineReady']>[0]): Promise<void> {
    this.logger.log({ ...message }, 'A machine is ready');
  }
}
