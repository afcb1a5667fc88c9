/** How long, in milliseconds, an answer may take: the service gives up after 3 seconds by itself. */
const patience = 10_000;

/** Does what needs an answer, and gives up when that takes too long; older browsers have no `AbortSignal.timeout`. */
export async function withPatience<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), patience);
  try {
    return await ask(ending.signal);
  } finally {
    clearTimeout(timer);
  }
}
