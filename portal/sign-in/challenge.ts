/** What an API answer asks for (RFC 9470 section 3, and Entra ID's `claims`). */
export interface Challenge {
  readonly acrValues: string | undefined;
  readonly claims: string | undefined;
  readonly maxAge: string | undefined;
}
