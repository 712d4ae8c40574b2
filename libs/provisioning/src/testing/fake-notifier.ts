import { Notifier } from '../ports/notifier';
import { Calls } from './calls';

type Message = Parameters<Notifier['machineReady']>[0];

/** Keeps what people would be told. */
export class FakeNotifier extends Notifier {
  readonly calls = new Calls<keyof Notifier>();
  readonly messages: Message[] = [];

  override machineReady(message: Message): Promise<void> {
    return this.calls.answer('machineReady', () => void this.messages.push(message));
  }
}
