import { RestError } from '@azure/data-tables';
import { Unavailable } from '../domain/unavailable.ts';

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
 * @throws Unavailable for every other error, also for these statuses where the table itself is missing.
 */
export async function answerUnless<T>(
  statuses: readonly number[],
  request: Promise<T>,
): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof RestError && statuses.includes(error.statusCode ?? 0) && isAboutRow(error))
      return undefined;
    throw new Unavailable('table storage gave no answer', { cause: error });
  }
}

/**
 * The codes by which 404 and 409 speak of a row; others, such as TableNotFound and TableBeingDeleted, speak of the
 * table. Cosmos DB has been seen to say ResourceNotFound of a table as well: there a missing table reads as an empty one.
 */
const rowCodes: Readonly<Record<number, readonly string[]>> = {
  404: ['ResourceNotFound', 'EntityNotFound'],
  409: ['EntityAlreadyExists'],
};

function isAboutRow({ statusCode = 0, code, details }: RestError): boolean {
  // A transaction has the code here, anything else in the body; Azure sends no header with it.
  const { odataError } = (details ?? {}) as { readonly odataError?: { readonly code?: string } };
  return rowCodes[statusCode]?.includes(code ?? odataError?.code ?? '') ?? true;
}
