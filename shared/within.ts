import { Unavailable } from './domain/ports.ts';

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
