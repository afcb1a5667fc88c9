const atMost = 64;
const forbidden = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
const visible = /[^\s\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Checks the name that a person gives an app password.
 *
 * @param given the name as it was sent
 * @returns the name in Unicode NFC without white space around it, or what is wrong with it as `invalid-name`.
 */
export function parseName(
  given: string,
): { kind: 'name'; name: string } | { kind: 'invalid-name'; detail: string } {
  const name = given.normalize('NFC').trim();
  if (!given.isWellFormed() || forbidden.test(name)) {
    return invalid(
      'Control characters, line breaks and characters that override the text direction are not allowed.',
    );
  }
  if (!visible.test(name)) return invalid('Give the app password a name, for example the device it is for.');
  if ([...name].length > atMost) return invalid(`Use at most ${atMost} characters.`);
  return { kind: 'name', name };
}

function invalid(detail: string) {
  return { kind: 'invalid-name', detail } as const;
}
