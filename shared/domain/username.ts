import { hash as digest } from 'node:crypto';

/** A canonical username: printable ASCII without spaces, in lower case. */
export type Username = string & { readonly __brand: 'Username' };

/** The key under which a username is looked up; every string that anybody can type has one. */
export type UsernameKey = string & { readonly __brand: 'UsernameKey' };

/** How usernames of this tenant look. */
export interface UsernameRules {
  /** The domains whose usernames are accepted; empty for any. */
  readonly domains: readonly string[];
  /** What people type before a backslash (`CORP\alice`), in lower case, and the domain that it stands for. */
  readonly aliases: ReadonlyMap<string, string>;
  /** The domain of a name that is typed without one. */
  readonly defaultDomain: string | undefined;
}

const atMost = 254;

/**
 * Maps a name by the RFC 8265 section 3.3 profile UsernameCaseMapped, and takes only what is ASCII by width mapping:
 * other characters that lower case turns into ASCII, as the Kelvin sign, are not allowed there either.
 */
function canonical(name: string): Username | undefined {
  return name.length <= atMost && /^[\x21-\x7e]+$/.test(name) ? (name.toLowerCase() as Username) : undefined;
}

/** RFC 8265 section 3.3.1: full-width letters are the ones that they look like. */
function mapWidth(name: string): string {
  return name.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0));
}

/**
 * The username that a token gives its person.
 *
 * @returns undefined where it is not ASCII, not in one of the accepted domains, or would mean another one when typed.
 */
export function usernameOfToken(claim: string, rules: UsernameRules): Username | undefined {
  const username = canonical(mapWidth(claim));
  if (username === undefined || keyOfTyped(username, rules) !== keyOf(username)) return undefined;
  if (rules.domains.length === 0) return username;
  const [name, domain, ...more] = username.split('@');
  return name && domain && more.length === 0 && rules.domains.includes(domain) ? username : undefined;
}

/**
 * The key of what somebody typed as a username: `alice@example.com`, `CORP\alice`, or a bare `alice`, in any case.
 * A string that can be no username gets a key that nobody can ever hold, so that it is refused like an unknown one.
 */
export function keyOfTyped(typed: string, rules: UsernameRules): UsernameKey {
  const username = canonical(qualified(mapWidth(typed), rules));
  return username === undefined ? hash(`\0${typed}`) : keyOf(username);
}

/** The key of a canonical username. */
export function keyOf(username: Username): UsernameKey {
  return hash(username);
}

function qualified(typed: string, { aliases, defaultDomain }: UsernameRules): string {
  const backslash = typed.indexOf('\\');
  if (backslash !== -1) {
    const domain = aliases.get(typed.slice(0, backslash).toLowerCase());
    return domain === undefined ? typed : `${typed.slice(backslash + 1)}@${domain}`;
  }
  return defaultDomain !== undefined && !typed.includes('@') ? `${typed}@${defaultDomain}` : typed;
}

// Table keys may not hold every character, and what was typed may be somebody's password.
function hash(text: string): UsernameKey {
  return digest('sha256', text, 'base64url') as UsernameKey;
}
