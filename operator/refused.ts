/** What an operator asked for is not done; the message says why, and what to do instead. */
export class Refused extends Error {
  override name = 'Refused';
}

/** Whoever asked may not do it, but somebody else may. */
export class NotAllowed extends Refused {}
