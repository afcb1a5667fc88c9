import { setTimeout as pause } from 'node:timers/promises';
import type { Invocation } from '../command.ts';

/** How long, in milliseconds, new instances may take to answer, and how often they are asked. */
export const startsWithin = 3 * 60_000;
const askedEvery = 5_000;

/**
 * Waits until the app says that it is well, and else says what to do. Nothing is refused: what is deployed is deployed.
 *
 * @param page the address of the page
 * @param wait waits for so many milliseconds
 */
export async function answers(
  page: string,
  print: Invocation['print'],
  wait: (milliseconds: number) => Promise<unknown> = pause,
) {
  let found = '';
  for (let waited = 0; waited <= startsWithin; waited += askedEvery) {
    found = await fetch(`${page}/api/health`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(askedEvery),
    }).then(
      ({ status }) => `${status}`,
      () => 'no answer',
    );
    if (found === '200') return;
    await wait(askedEvery);
  }
  const why =
    found === '404'
      ? 'Its host runs without the app, which did not start: docs/operations.md, "Everything is 404", says what to do.'
      : 'Where the page is reached from a private network only, look from there. Otherwise docs/operations.md has a page for it.';
  print(`${page}/api/health does not say that the app is well (${found}). ${why}`);
}
