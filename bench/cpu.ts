import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc (sysconf(_SC_CLK_TCK) on Linux). */
const ticks = 100;

/**
 * The CPU time that a process has used, user and system, in milliseconds (proc(5), fields 14 and 15 of stat).
 * Unlike requests a second, it does not depend on what else the machine does.
 */
export function cpuMilliseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticks;
}
