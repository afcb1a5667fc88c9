/** The protocols that a gateway can speak for. */
export const protocols = ['imap', 'pop3', 'smtp', 'sieve', 'eas', 'dav', 'radius', 'ldap'] as const;

export type Protocol = (typeof protocols)[number];

/** Reads the name of a protocol in any case; `submission` is `smtp`. Undefined for a name that is not known. */
export function parseProtocol(given: string): Protocol | undefined {
  const name = given.trim().toLowerCase();
  return protocols.find((protocol) => protocol === (name === 'submission' ? 'smtp' : name));
}
