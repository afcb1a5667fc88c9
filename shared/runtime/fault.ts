import { Unavailable } from '../domain/unavailable.ts';

/**
 * Describes an error for the log: names, codes and where in the code, along its causes. Of messages only our own, as
 * those of others may hold what was sent.
 */
export function faultLine(error: unknown): string {
  const causes: object[] = [];
  for (let cause = error; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    const { code, statusCode } = cause as { code?: unknown; statusCode?: unknown };
    const message = cause instanceof Unavailable ? cause.message : undefined;
    const at = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
    causes.push({
      name: cause.name,
      message,
      code,
      statusCode,
      at: at.slice(0, 5).map((line) => line.trim()),
    });
  }
  return JSON.stringify({ event: 'fault', causes });
}

/** `defect`: the app itself is wrong. */
export type FaultKind = 'unavailable' | 'defect';

/** What kind of fault an error is. */
export function kindOf(error: unknown): FaultKind {
  return error instanceof Unavailable ? 'unavailable' : 'defect';
}
