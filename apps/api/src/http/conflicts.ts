import { QueryFailedError } from 'typeorm';
import { Refusal } from './refusal';

/** PostgreSQL: unique_violation, foreign_key_violation. */
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';

/** Saves; a name that is taken becomes a refusal that says so. */
export async function withFreeName<T>(noun: string, name: string, save: Promise<T>): Promise<T> {
  try {
    return await save;
  } catch (error) {
    if (codeOf(error) !== UNIQUE_VIOLATION) {
      throw error;
    }
    const detail = `There is a ${noun} called "${name}" already.`;
    throw new Refusal(
      { code: 'name-taken', detail, remedy: 'Choose another name.' },
      { cause: error },
    );
  }
}

/** Deletes; something that is still needed becomes a refusal that says so. */
export async function unlessInUse<T>(
  what: string,
  remove: Promise<T>,
  users = 'hosts',
): Promise<T> {
  try {
    return await remove;
  } catch (error) {
    if (codeOf(error) !== FOREIGN_KEY_VIOLATION) {
      throw error;
    }
    const detail = `The ${what} is still used by ${users}.`;
    throw new Refusal(
      { code: 'still-in-use', detail, remedy: `Remove those ${users} first.` },
      { cause: error },
    );
  }
}

function codeOf(error: unknown): string | undefined {
  const driverError: unknown = error instanceof QueryFailedError ? error.driverError : undefined;
  return driverError instanceof Error && 'code' in driverError
    ? String(driverError.code)
    : undefined;
}
