import { RestError } from '@azure/data-tables';
import { Unavailable } from '../domain/ports.ts';

/**
 * The answer of a table.
 *
 * @throws Unavailable where storage is away, refuses us, or did not answer in time.
 */
export async function answer<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw new Unavailable('table storage gave no answer', { cause: error });
  }
}

/**
 * The answer of a table, or undefined for one of the statuses that are an answer rather than a fault: 404 for a
 * missing row, 409 and 412 for a conflict.
 *
 * @throws Unavailable for every other error.
 */
export async function answerUnless<T>(
  statuses: readonly number[],
  request: Promise<T>,
): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof RestError && statuses.includes(error.statusCode ?? 0)) return undefined;
    throw new Unavailable('table storage gave no answer', { cause: error });
  }
}
