import type { Clock } from '../domain/clock.ts';
import { Unavailable } from '../domain/unavailable.ts';
import { within } from './deadline.ts';

/** How old, in milliseconds, what was read may be until something happens. */
export interface Ages {
  /** From this age on it is refreshed in the background. */
  readonly refresh: number;
  /** From this age on a refresh is waited for, and what could not be refreshed is stale. */
  readonly wait: number;
  /** How long after a failed refresh there is no other one. */
  readonly pauseAfterFailure: number;
}

/** For what changes seldom: 5 minutes, 15 minutes, and half a minute. */
export const usualAges: Ages = { refresh: 5 * 60_000, wait: 15 * 60_000, pauseAfterFailure: 30_000 };
const pauseBetweenDemands = 10_000;
const patience = { ofLoad: 10_000, ofWaiting: 1_000 };

/**
 * Something read from elsewhere (Key Vault, the identity provider, the policy) and held in memory. It is refreshed on
 * requests, as timers do not run on a sleeping instance: at one age in the background, at another one waited for. A
 * failed refresh keeps what is there and is not tried again for a while.
 */
export class Refreshed<T> {
  readonly #load: (held: T | undefined, signal: AbortSignal) => Promise<T>;
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  readonly #ages: Ages;
  #held: { value: T; at: number } | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #demandedAt = Number.NEGATIVE_INFINITY;
  #loading: Promise<void> | undefined;

  /**
   * @param load reads the value anew, knowing the one that is held
   */
  constructor(
    load: (held: T | undefined, signal: AbortSignal) => Promise<T>,
    {
      clock,
      failed,
      ages = usualAges,
    }: {
      readonly clock: Clock;
      /** Is told why a refresh failed. */
      readonly failed: (error: unknown) => void;
      /** In the place of 5 minutes, 15 minutes and half a minute. */
      readonly ages?: Ages;
    },
  ) {
    this.#ages = ages;
    this.#load = load;
    this.#clock = clock;
    this.#failed = failed;
  }

  /**
   * The value, and whether it is stale because it could not be refreshed.
   *
   * @throws Unavailable as long as none was read.
   */
  async read(signal: AbortSignal): Promise<{ value: T; stale: boolean }> {
    if (this.#held === undefined) await within(this.#refresh(), signal);
    else if (this.#age() >= this.#ages.wait) await this.#waitFor(this.#refresh(), signal);
    else if (this.#age() >= this.#ages.refresh) this.#refresh();
    if (this.#held === undefined) throw new Unavailable('it could not be read yet');
    return { value: this.#held.value, stale: this.#age() >= this.#ages.wait };
  }

  /**
   * Refreshes at once, for a caller who misses something; at most once in 10 seconds.
   *
   * @returns whether the last such refresh succeeded, so that what is still missing does not exist.
   */
  async demand(signal: AbortSignal): Promise<boolean> {
    const now = this.#clock.now();
    if (now - this.#demandedAt >= pauseBetweenDemands) {
      this.#demandedAt = now;
      this.#loading ?? this.#start();
    }
    if (this.#loading !== undefined) await within(this.#loading, signal);
    return this.#held !== undefined && this.#failedAt < this.#demandedAt;
  }

  /** With a value in hand the wait is short: an old one still serves most requests. */
  async #waitFor(refresh: Promise<void>, signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const enough = this.#clock.wait(patience.ofWaiting, AbortSignal.any([signal, done.signal]));
    await within(Promise.race([refresh, enough]), signal);
    done.abort();
  }

  /** Lets go of the value, for whoever changed it: the next one to ask reads it. */
  forget(): void {
    this.#held = undefined;
    this.#loading = undefined;
  }

  #age(): number {
    return this.#held === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() - this.#held.at;
  }

  #refresh(): Promise<void> {
    if (this.#loading !== undefined) return this.#loading;
    const justFailed =
      this.#held !== undefined && this.#clock.now() - this.#failedAt < this.#ages.pauseAfterFailure;
    return justFailed ? Promise.resolve() : this.#start();
  }

  /** One load serves all who wait; it has its own time, so that a slow first one serves the requests after it. */
  #start(): Promise<void> {
    const at = this.#clock.now();
    const loading = this.#load(this.#held?.value, AbortSignal.timeout(patience.ofLoad))
      .then(
        (value) => {
          if (this.#loading === loading) this.#held = { value, at };
        },
        (error: unknown) => {
          this.#failedAt = this.#clock.now();
          this.#failed(error);
        },
      )
      .finally(() => {
        if (this.#loading === loading) this.#loading = undefined;
      });
    this.#loading = loading;
    return loading;
  }
}
