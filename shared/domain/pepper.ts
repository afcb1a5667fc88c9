/** One version of the pepper. The key itself stays behind the port. */
export interface PepperVersion {
  readonly version: string;
  /** HMAC-SHA-256 of the message under this version, base64url. */
  digest(message: string): string;
}

export interface Peppers {
  /** All enabled versions, newest first; never empty. */
  readonly enabled: readonly [PepperVersion, ...PepperVersion[]];
  /** The one that new passwords are written under. */
  readonly writing: PepperVersion;
  /** The list is so old that a version may exist which is not in it: a miss proves nothing. */
  readonly stale: boolean;
}

export interface Pepper {
  /** @throws Unavailable before the first version was read. */
  read(signal: AbortSignal): Promise<Peppers>;
}
