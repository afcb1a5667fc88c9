/** Storage, Key Vault or the identity provider did not answer, or not in time. Never an answer: 503, try again. */
export class Unavailable extends Error {
  override name = 'Unavailable';
}
