import { mod661_26 } from 'cdigit';
import type { Random } from '../random.ts';
import { withoutInvisible } from '../username/invisible.ts';

/** The 20 lowercase letters of a well-formed app password: 18 random ones and 2 check letters. */
export type Password = string & { readonly __brand: 'Password' };

const randomLetters = 18;
const typedAtMost = 200;
const hyphens = /[\p{Dash_Punctuation}\u2212]/gu;

/**
 * Makes a new app password: 18 uniformly random letters a–z (84.6 bits) and their check letters by
 * ISO/IEC 7064 MOD 661-26. SECURITY.md says by NIST SP 800-63B-4 why that many need no throttling of guesses.
 */
export function generatePassword(random: Random): Password {
  let letters = '';
  for (let i = 0; i < randomLetters; i++) letters += String.fromCharCode(97 + random.below(26));
  return mod661_26.generate(letters.toUpperCase()).toLowerCase() as Password;
}

/** Writes a password the way people read it: five groups of four letters, joined by hyphens. */
export function formatPassword(password: Password): string {
  return (password.match(/.{4}/g) as string[]).join('-');
}

/**
 * Reads what somebody typed as an app password; case, white space, invisible characters and hyphens of any kind do not
 * matter, as phones and programs add them or turn them into others. Nor does what follows a NUL, where programs in C end.
 * That holds for every gateway, whichever username it goes on with: nobody is known by a password.
 *
 * @returns the 20 letters, or undefined when the string cannot be an app password (wrong shape or check letters).
 */
export function parsePassword(typed: string): Password | undefined {
  if (typed.length > typedAtMost) return undefined;
  return parseLetters(typed) ?? parseLetters(typed.replace(/\0.*/s, ''));
}

function parseLetters(typed: string): Password | undefined {
  const letters = withoutInvisible(typed).replace(hyphens, '');
  // Before any change of case: some letters outside ASCII become ASCII ones by it.
  if (!/^[A-Za-z]{20}$/.test(letters)) return undefined;
  if (!mod661_26.validate(letters.toUpperCase())) return undefined;
  return letters.toLowerCase() as Password;
}
