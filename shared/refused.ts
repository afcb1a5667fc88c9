/** What an operator asked for is not done; the message says why, and what to do instead. */
export class Refused extends Error {
  override name = 'Refused';
}
