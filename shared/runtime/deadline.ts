import { Unavailable } from '../domain/unavailable.ts';

/**
 * Does work within a time of its own.
 *
 * @param patience in milliseconds; the work is told by the signal when it is over
 * @throws Unavailable when the time is up, or whatever the work throws.
 */
export async function inTime<T>(patience: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  // An AbortSignal.timeout cannot be called off, and takes longer to make than a verify takes.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), patience);
  try {
    return await within(work(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits for work until the signal is aborted. The work itself is not stopped by this.
 *
 * @throws Unavailable when the time is up, or whatever the work throws.
 */
export function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Unavailable('the time is up'));
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    const done = () => signal.removeEventListener('abort', giveUp);
    work.then(resolve, reject).finally(done);
  });
}
