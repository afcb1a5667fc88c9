import { hash as digest } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { withoutInvisible } from './invisible.ts';

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
  /** The domain of a username that is typed without one. */
  readonly defaultDomain: string | undefined;
}

/**
 * The username with which a gateway's program goes on after a yes: the canonical one that is answered, or what was typed.
 */
export type GoesOnWith = 'canonical' | 'typed';

const atMost = 254;

/**
 * Maps a username by the RFC 8265 section 3.3 profile UsernameCaseMapped, and takes only what is ASCII by width mapping:
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
  if (username === undefined || keyOfTyped(username, rules, 'canonical') !== keyOf(username))
    return undefined;
  if (rules.domains.length === 0) return username;
  const [name, domain, ...more] = username.split('@');
  return name && domain && more.length === 0 && rules.domains.includes(domain) ? username : undefined;
}

/**
 * The key of what somebody typed as a username: `alice@example.com`, `CORP\alice`, or a bare `alice`, in any case. A
 * string that can be no username gets a key that nobody can ever hold, so that it is refused like an unknown one.
 *
 * Where the canonical username is gone on with, these mean the same as well: a username with invisible characters; the domain
 * field of a device that is empty (`\alice`), holds the domain itself, or stands beside a whole address of that domain;
 * and an accepted domain in letters beyond ASCII. A program that goes on with what was typed would take such a username for
 * another one, which may be somebody else's to it.
 */
export function keyOfTyped(typed: string, rules: UsernameRules, goesOnWith: GoesOnWith): UsernameKey {
  const username = canonical(
    goesOnWith === 'typed'
      ? qualified(mapWidth(typed), rules)
      : understood(mapWidth(withoutInvisible(typed)), rules),
  );
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

/** What is meant by a username without invisible characters. Two backslashes mean nothing more than they did. */
function understood(typed: string, rules: UsernameRules): string {
  const name = registered(typed, rules);
  const [before = '', after, ...more] = name.split('\\');
  if (after === undefined || more.length > 0) return qualified(name, rules);
  if (before === '') return qualified(after, rules);
  const domain = domainBefore(before, rules);
  if (domain === undefined) return name;
  return after.toLowerCase().endsWith(`@${domain}`) ? after : `${after}@${domain}`;
}

/** The domain that stands before a backslash, as its alias or itself. */
function domainBefore(typed: string, { domains, aliases, defaultDomain }: UsernameRules): string | undefined {
  const alias = typed.toLowerCase();
  const meant = [...aliases].find(([one]) => withoutInvisible(one) === alias);
  const domain = asciiDomain(alias);
  return meant?.[1] ?? [...domains, defaultDomain].find((one) => one === domain);
}

/** Writes the domain of a username as it is registered, if it is accepted. */
function registered(typed: string, { domains }: UsernameRules): string {
  const at = typed.lastIndexOf('@') + 1;
  const domain = at === 0 ? undefined : asciiDomain(typed.slice(at));
  const isAccepted = domain !== undefined && (domains.length === 0 || domains.includes(domain));
  return isAccepted ? typed.slice(0, at) + domain : typed;
}

/**
 * Writes a domain in letters beyond ASCII as it is registered, by UTS 46, as browsers do: `bücher.example` is
 * `xn--bcher-kva.example`. One in ASCII stays as it is.
 *
 * @returns undefined for letters that no domain can have.
 */
export function asciiDomain(domain: string): string | undefined {
  if (/^[\0-\x7f]*$/.test(domain)) return domain;
  // The platform takes it for the host of a URL: it would decode percents, cut off a path, and let signs through.
  if (domain.length > atMost || !/^[a-z\d.\u0080-\u{10ffff}-]+$/iu.test(domain)) return undefined;
  const ascii = domainToASCII(domain);
  return /^[a-z\d.-]+$/.test(ascii) ? ascii : undefined;
}

// Table keys may not hold every character, and what was typed may be somebody's password.
function hash(text: string): UsernameKey {
  return digest('sha256', text, 'base64url') as UsernameKey;
}
