export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Waits, and rejects as soon as the signal is aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** A signal that is aborted after so long. */
  timeout(milliseconds: number): AbortSignal;
}
