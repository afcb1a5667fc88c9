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

/**
 * Runs tasks with the same key one after the other as well, and turns away who would wait too long: when there are so
 * many already, or once its patience is over.
 *
 * @param patience how long, in milliseconds, a task waits for its turn
 * @returns what a task returns or throws; for one that does not run, `crowded` or `late`.
 */
export function crowdLimit(
  atMost: number,
  patience: number,
): <T>(key: string, task: () => Promise<T>) => Promise<T | 'crowded' | 'late'> {
  const queue = keyedQueue();
  const present = new Map<string, number>();

  function inTurn<T>(key: string, task: () => Promise<T>): Promise<T | 'late'> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        resolve('late');
      }, patience);
      queue(key, async () => {
        clearTimeout(timer);
        return isLate ? 'late' : task();
      }).then(resolve, reject);
    });
  }

  return async (key, task) => {
    const others = present.get(key) ?? 0;
    if (others >= atMost) return 'crowded';
    present.set(key, others + 1);
    try {
      return await inTurn(key, task);
    } finally {
      const left = (present.get(key) ?? 1) - 1;
      if (left > 0) present.set(key, left);
      else present.delete(key);
    }
  };
}
