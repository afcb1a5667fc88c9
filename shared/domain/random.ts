export interface Random {
  /** A uniformly random integer from 0 to `limit` - 1, fit for secrets. */
  below(limit: number): number;
  /** A random UUID (RFC 9562 version 4). */
  uuid(): string;
}
