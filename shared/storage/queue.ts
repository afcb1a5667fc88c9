/**
 * Runs tasks, at most so many with the same key at once: whoever asks for more only makes all of them late.
 *
 * @returns what a task returns or throws; undefined, without running it, where there are as many already.
 */
export function crowdLimit(
  atMost: number,
): <T>(key: string, task: () => Promise<T>) => Promise<T | undefined> {
  const running = new Map<string, number>();
  return async (key, task) => {
    const others = running.get(key) ?? 0;
    if (others >= atMost) return undefined;
    running.set(key, others + 1);
    try {
      return await task();
    } finally {
      const left = (running.get(key) ?? 1) - 1;
      if (left > 0) running.set(key, left);
      else running.delete(key);
    }
  };
}

/**
 * Runs tasks with the same key one after the other, in the order in which they came; other keys do not wait.
 *
 * @returns what each task returns or throws.
 */
export function keyedQueue(): <T>(key: string, task: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (key, task) => {
    const run = (last.get(key) ?? Promise.resolve()).then(task, task);
    last.set(key, run);
    const settled = () => {
      if (last.get(key) === run) last.delete(key);
    };
    run.then(settled, settled);
    return run;
  };
}
