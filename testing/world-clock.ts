import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../shared/domain/clock.ts';
import { systemClock } from '../shared/runtime/system.ts';

export interface WorldClock {
  /** Milliseconds since the epoch, as all programs see them that run with the settings. */
  now(): number;
  advance(by: { readonly minutes?: number; readonly seconds?: number }): void;
  /** What puts a functions host or an operator's command under this clock. */
  readonly settings: Readonly<Record<string, string>>;
  close(): void;
}

/** The clock of what runs in this process under the world's, which a file shifts. */
export const shiftedClock = (file: string): Clock => ({
  ...systemClock,
  now: () => Date.now() + Number(readFileSync(file, 'utf8')),
});

/** A clock that several processes share and a test moves; it never stands still. */
export function startWorldClock(): WorldClock {
  const folder = mkdtempSync(join(tmpdir(), 'world-clock-'));
  const file = join(folder, 'shift');
  let shift = 0;
  const write = () => {
    // In one step, as programs read it at any moment.
    writeFileSync(`${file}.next`, `${shift}`);
    renameSync(`${file}.next`, file);
  };
  write();
  const preload = new URL('shifted-clock.ts', import.meta.url).href;
  return {
    now: () => Date.now() + shift,
    advance({ minutes = 0, seconds = 0 }) {
      shift += minutes * 60_000 + seconds * 1_000;
      write();
    },
    settings: { NODE_OPTIONS: `--import=${preload}`, SHIFTED_CLOCK: file, SIGN_IN_MAX_AGE: '86400' },
    close: () => rmSync(folder, { recursive: true }),
  };
}
