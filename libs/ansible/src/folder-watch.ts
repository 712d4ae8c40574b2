import { watch, type FSWatcher } from 'node:fs';

/** Wakes who waits for a folder to change. */
export class FolderWatch {
  private watcher: FSWatcher | undefined;
  private hasChanged = false;
  private wake: (() => void) | undefined;

  constructor(folder: string) {
    try {
      this.watcher = watch(folder, () => this.onChange()).on('error', () => this.close());
    } catch {
      this.watcher = undefined; // out of inotify watches: the time-out of each wait does
    }
  }

  /** Resolves at the first change since the last wait, after `timeoutMs`, or when the signal aborts. */
  async wait(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (!this.hasChanged && !signal?.aborted) {
      await this.changeOr(timeoutMs, signal);
    }
    this.hasChanged = false;
  }

  close(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }

  private changeOr(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      signal?.addEventListener('abort', wake, { once: true });
      this.wake = wake;
    });
  }

  private onChange(): void {
    this.hasChanged = true;
    this.wake?.();
  }
}
