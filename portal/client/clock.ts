/** How far the service's clock is ahead of the device's, which may be wrong, in milliseconds. */
let ahead = 0;

/** Sets the clock by the `Date` of an answer (RFC 9110 section 6.6.1). */
export function setClock(date: string | null): void {
  const told = Date.parse(date ?? '');
  // The header has whole seconds; less than a minute is nothing that anybody sees.
  if (!Number.isNaN(told)) ahead = Math.abs(told - Date.now()) < 60_000 ? 0 : told - Date.now();
}

/** The service's time, in milliseconds since 1970. */
export function now(): number {
  return Date.now() + ahead;
}
