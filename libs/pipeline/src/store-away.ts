import { isInterruption } from './interruption';

/** The run store did not take a write. No step's fault: the run is taken up again once the store is back. */
export class StoreAway extends Error {
  override readonly name = 'StoreAway';

  constructor(cause: unknown) {
    super('The run store did not take a write', { cause });
  }
}

/** Writes; what the store throws, except for a lost lease, becomes `StoreAway`. */
export async function stored<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    throw isInterruption(error) ? error : new StoreAway(error);
  }
}
