import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { Audit } from '../domain/ports.ts';
import { inTime } from '../runtime/deadline.ts';
import { faultLine, kindOf } from '../runtime/fault.ts';
import { problem } from './problem.ts';
import { safeData } from './security-headers.ts';

/** How long, in milliseconds, a request may take: clients hear something within 3 seconds, also when storage hangs. */
const patience = 2_500;

/**
 * Makes a function's handler: it gives it a time limit, lets nobody keep its answer, and turns every fault into a 503,
 * which is recorded.
 *
 * @param fault the answer to a fault
 */
export function endpoint(
  audit: Pick<Audit, 'record'>,
  handle: (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponseInit>,
  fault: () => HttpResponseInit = () => problem({ kind: 'temporarily-unavailable' }),
): HttpHandler {
  return async (request: HttpRequest, context: InvocationContext) => {
    try {
      return uncached(await inTime(patience, (signal) => handle(request, signal)));
    } catch (error) {
      context.error(faultLine(error));
      audit.record({ event: 'function.failed', function: context.functionName, kind: kindOf(error) });
      return uncached(fault());
    }
  };
}

/**
 * Makes the handler of a function that changes something: its answer, also that to a fault, waits until the audit
 * records were handed on.
 */
export function change(
  audit: Audit,
  handle: (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponseInit>,
): HttpHandler {
  const answer = endpoint(audit, handle);
  return async (request, context) => {
    const answered = await answer(request, context);
    await audit.flush('changes');
    return answered;
  };
}

function uncached(answer: HttpResponseInit): HttpResponseInit {
  return {
    ...answer,
    headers: { ...safeData, ...(answer.headers as Record<string, string>), 'cache-control': 'no-store' },
  };
}
