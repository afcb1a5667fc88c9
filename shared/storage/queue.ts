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
