import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { faultLine } from '../fault.ts';
import { inTime } from '../within.ts';
import { problem } from './problem.ts';

/** How long, in milliseconds, a request may take: clients hear something within 3 seconds, also when storage hangs. */
const patience = 2_500;

/**
 * Makes a function's handler: it gives it a time limit, lets nobody keep its answer, and turns every fault into a 503.
 *
 * @param fault the answer to a fault
 */
export function endpoint(
  handle: (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponseInit>,
  fault: () => HttpResponseInit = () => problem({ kind: 'temporarily-unavailable' }),
): HttpHandler {
  return async (request: HttpRequest, context: InvocationContext) => {
    try {
      return uncached(await inTime(patience, (signal) => handle(request, signal)));
    } catch (error) {
      context.error(faultLine(error));
      return uncached(fault());
    }
  };
}

function uncached(answer: HttpResponseInit): HttpResponseInit {
  return {
    ...answer,
    headers: { ...(answer.headers as Record<string, string>), 'cache-control': 'no-store' },
  };
}
