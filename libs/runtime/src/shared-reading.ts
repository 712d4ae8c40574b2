/** Something that is read anew only when the last reading is older than this; all who ask meanwhile share it. */
export class SharedReading<T> {
  private last: { readonly at: number; readonly reading: Promise<T> } | undefined;

  constructor(
    private readonly read: () => Promise<T>,
    private readonly freshForMs: number,
  ) {}

  /** The last reading, or a new one. One that failed is not kept. */
  get(): Promise<T> {
    const at = performance.now();
    if (this.last && at - this.last.at < this.freshForMs) {
      return this.last.reading;
    }
    const reading = this.read();
    this.last = { at, reading };
    reading.catch(() => this.forget(reading));
    return reading;
  }

  private forget(reading: Promise<T>): void {
    if (this.last?.reading === reading) {
      this.last = undefined;
    }
  }
}
