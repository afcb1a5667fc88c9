import type { LastUsed, Refusals } from '../domain/person.ts';
import type { Clock } from '../domain/ports.ts';
import { day } from '../domain/standing.ts';

/** Whether the address of a client that was seen at a moment, in milliseconds since the epoch, is still kept. */
export type KeepsAddress = (seenAt: number) => boolean;

/** Keeps addresses for some days; for 0 days never. */
export function keepAddressesFor(days: number, clock: Clock): KeepsAddress {
  return (seenAt) => days > 0 && clock.now() - seenAt < days * day;
}

/** What is left of a use when its address is not kept any more. */
export function forgetIn<T extends LastUsed>(keeps: KeepsAddress, use: T): T {
  return keeps(use.at) ? use : { ...use, clientAddress: null };
}

/** What is left of refusals when their old addresses are not kept any more. */
export function forgetInRefusals(keeps: KeepsAddress, refusals: Refusals): Refusals {
  return { ...refusals, recent: refusals.recent.map((refusal) => forgetIn(keeps, refusal)) };
}
