import type { Clock } from '../shared/domain/clock.ts';
import { systemClock } from '../shared/runtime/system.ts';

/** A clock that stands still until the test moves it; to wait on it takes real time. */
export class FakeClock implements Clock {
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now = (): number => this.#now;

  advance({ minutes = 0, seconds = 0 }): void {
    this.#now += minutes * 60_000 + seconds * 1_000;
  }

  wait = systemClock.wait;
  timeout = systemClock.timeout;
}
