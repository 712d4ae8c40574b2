import type { PlayListener, PlayPosition } from '@diaken/provisioning';
import { LineTail } from './line-tail';
import { readEvent } from './play-events';
import { PlayProgress } from './play-progress';
import { PlayRecord } from './play-record';
import type { RunFolder } from './run-folder';

/** Longer lines of output are told in pieces, bytes. */
const LONGEST_LINE = 64 * 1024;

/** Reads what a run writes and tells what its listener has not heard. Events are read from the start: they are the results. */
export class PlayReader {
  readonly record = new PlayRecord();
  private readonly progress = new PlayProgress();
  private readonly events: LineTail;
  private readonly output: LineTail;
  private told: PlayPosition;

  constructor(
    folder: RunFolder,
    private readonly from: PlayPosition,
    private readonly listener: PlayListener,
  ) {
    this.events = new LineTail(folder.events);
    this.output = new LineTail(folder.output, {
      offset: from.output,
      longestBytes: LONGEST_LINE,
    });
    this.told = from;
  }

  /** Reads all that is there. Returns whether there was something. */
  async read(): Promise<boolean> {
    let found = false;
    while (await this.events.next((line) => this.onEvent(line))) {
      found = true;
    }
    while (await this.output.next((line) => this.listener.line(line))) {
      found = true;
      this.tellPosition();
    }
    this.tellPosition();
    return found;
  }

  /** Reads all that is there, an unfinished last line too: nobody writes any more. */
  async readToEnd(): Promise<void> {
    await this.read();
    this.output.tellRest((line) => this.listener.line(line));
    this.tellPosition();
  }

  async close(): Promise<void> {
    await Promise.all([this.events.close(), this.output.close()]);
  }

  private onEvent(line: string): void {
    const event = readEvent(line);
    if (!event) {
      return;
    }
    this.record.add(event);
    this.progress.add(event);
    const isNews = this.events.offset > this.from.events;
    if (isNews && (event.e === 'task' || event.e === 'stats')) {
      this.listener.progress(this.progress.fraction, this.record.task ?? '');
    }
  }

  private tellPosition(): void {
    const position = {
      events: Math.max(this.events.offset, this.from.events),
      output: this.output.offset,
    };
    if (position.events !== this.told.events || position.output !== this.told.output) {
      this.told = position;
      this.listener.position(position);
    }
  }
}
