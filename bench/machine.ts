import { cpus } from 'node:os';

/** What was measured on. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} cores (${cpu?.model.trim()}), Node ${process.versions.node}`;
}
