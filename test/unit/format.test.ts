import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseName } from '../../shared/domain/app-password/name.ts';
import {
  formatPassword,
  generatePassword,
  parsePassword,
} from '../../shared/domain/app-password/password.ts';
import { type Gateway, protocolOf } from '../../shared/domain/gateway/gateway.ts';
import { parseProtocol, protocols } from '../../shared/domain/gateway/protocol.ts';
import type { Random } from '../../shared/domain/random.ts';
import {
  asciiDomain,
  type GoesOnWith,
  keyOf,
  keyOfTyped,
  type Username,
  type UsernameRules,
  usernameOfToken,
} from '../../shared/domain/username/username.ts';
import { seededRandom } from '../../testing/random.ts';

const seed = 661_26;

/** Draws the given letters one after the other. */
function drawing(letters: string): Random {
  let index = 0;
  return { below: () => letters.charCodeAt(index++) - 97, uuid: () => '' };
}

/** Any code point, also half of a surrogate pair. */
const character = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));
const letter = fc.integer({ min: 0, max: 25 }).map((n) => String.fromCharCode(97 + n));
const password = fc
  .array(letter, { minLength: 18, maxLength: 18 })
  .map((letters) => generatePassword(drawing(letters.join(''))));

/** ISO/IEC 7064 in its own words: the letters as digits of base 26, last letter first, leave 1 modulo 661. */
function remainder(letters: string): number {
  return Number([...letters].reduce((sum, c) => sum * 26n + BigInt(c.charCodeAt(0) - 97), 0n) % 661n);
}

describe('A generated app password', () => {
  test('is 20 lowercase letters, shown in five groups of four', () => {
    fc.assert(
      fc.property(password, (letters) => {
        expect(letters).toMatch(/^[a-z]{20}$/);
        expect(formatPassword(letters)).toMatch(/^[a-z]{4}(-[a-z]{4}){4}$/);
        expect(formatPassword(letters).replaceAll('-', '')).toBe(letters);
      }),
      { seed },
    );
  });

  test('takes exactly 18 draws of one of 26 letters', () => {
    const limits: number[] = [];
    generatePassword({ below: (limit) => limits.push(limit) % 26, uuid: () => '' });
    expect(limits).toEqual(Array(18).fill(26));
  });

  test('has uniform letters in each of the 18 random places', () => {
    const count = 26_000;
    const random = seededRandom(seed);
    const seen = Array.from({ length: 18 }, () => new Array<number>(26).fill(0));
    for (let i = 0; i < count; i++) {
      const letters = generatePassword(random);
      for (const [place, counts] of seen.entries()) {
        const index = letters.charCodeAt(place) - 97;
        counts[index] = (counts[index] ?? 0) + 1;
      }
    }
    const expected = count / 26;
    const chiSquares = seen.map((counts) =>
      counts.reduce((sum, observed) => sum + (observed - expected) ** 2 / expected, 0),
    );
    // 25 degrees of freedom: beyond 71 once in a million, below 4 about as seldom.
    for (const chiSquare of chiSquares) {
      expect(chiSquare).toBeGreaterThan(4);
      expect(chiSquare).toBeLessThan(71);
    }
  });

  test('ends with the check letters of the published example of MOD 661-26 (BAISDLAFK gives BM)', () => {
    // A stands for 0, so that leading ones change nothing.
    expect(generatePassword(drawing('aaaaaaaaabaisdlafk'))).toBe('aaaaaaaaabaisdlafkbm');
    expect(generatePassword(drawing('aaaaagcjfbciojtlvo'))).toBe('aaaaagcjfbciojtlvour');
  });

  test('leaves 1 modulo 661 as a number of base 26', () => {
    fc.assert(
      fc.property(password, (letters) => remainder(letters) === 1),
      { seed },
    );
  });
});

describe('A typed app password', () => {
  const separators = [
    ' ',
    '-',
    '\t',
    '\n',
    '\u00a0',
    '\u202f',
    '\u3000',
    '\u2010',
    '\u2011',
    '\u2012',
    '\u2013',
    '\u2014',
    '\u2212',
    '\0',
    '\u00ad',
    '\u180e',
    '\u200b',
    '\u200d',
    '\u200e',
    '\u2060',
    '\u2068',
    '\ufe0f',
    '\ufeff',
  ];

  test('is read whatever case, white space, invisible characters and hyphens of any kind it has', () => {
    const decorations = fc.array(
      fc.record({
        upper: fc.boolean(),
        before: fc.array(fc.constantFrom(...separators), { maxLength: 4 }),
      }),
      { minLength: 20, maxLength: 20 },
    );
    fc.assert(
      fc.property(password, decorations, fc.constantFrom('', ...separators), (letters, how, after) => {
        const typed = how.map(({ upper, before }, i) => {
          const c = letters[i] as string;
          return before.join('') + (upper ? c.toUpperCase() : c);
        });
        expect(parsePassword(typed.join('') + after)).toBe(letters);
      }),
      { seed, numRuns: 2_000 },
    );
  });

  test.each(separators.map((c) => [`U+${c.charCodeAt(0).toString(16).padStart(4, '0')}`, c] as const))(
    'may have %s between its groups',
    (_name, separator) => {
      const letters = generatePassword(seededRandom(seed));
      expect(parsePassword(formatPassword(letters).replaceAll('-', separator))).toBe(letters);
    },
  );

  test.each(['\0', '\0'.repeat(12), '\0\0\u001fe\u001e\u0006\u00b2', '\0abcdefghijklmnopqrst'])(
    'ends at a NUL, whatever a program left behind it: %j',
    (after) => {
      const letters = generatePassword(seededRandom(seed));
      expect(parsePassword(formatPassword(letters) + after)).toBe(letters);
    },
  );

  test('with any single letter replaced by another is refused', () => {
    fc.assert(
      fc.property(password, (letters) => {
        for (let place = 0; place < 20; place++) {
          for (let other = 97; other < 123; other++) {
            const replaced = letters.slice(0, place) + String.fromCharCode(other) + letters.slice(place + 1);
            if (replaced !== letters && parsePassword(replaced) !== undefined) return false;
          }
        }
        return true;
      }),
      { seed, numRuns: 200 },
    );
  });

  test('with any two neighbouring letters swapped is refused', () => {
    fc.assert(
      fc.property(password, (letters) => {
        for (let place = 0; place < 19; place++) {
          const [a, b] = [letters[place] as string, letters[place + 1] as string];
          const swapped = letters.slice(0, place) + b + a + letters.slice(place + 2);
          if (a !== b && parsePassword(swapped) !== undefined) return false;
        }
        return true;
      }),
      { seed, numRuns: 1_000 },
    );
  });

  test('is accepted as well-formed for about one in 650 strings of 20 random letters', () => {
    const random = seededRandom(seed);
    const tried = 60_000;
    let passed = 0;
    for (let i = 0; i < tried; i++) {
      const letters = Array.from({ length: 20 }, () => String.fromCharCode(97 + random.below(26))).join('');
      if (parsePassword(letters) !== undefined) passed++;
    }
    // 91 are expected with a standard deviation of 10.
    expect(passed).toBeGreaterThan(tried / 900);
    expect(passed).toBeLessThan(tried / 500);
  });

  const withK = 'aaaaaaaaabaisdlafkbm';
  const withI = 'aaaaagcjfbciojtlvour';
  test.each([
    ['nothing', ''],
    ['only separators', '---- ----'],
    ['19 letters', withK.slice(1)],
    ['21 letters', `a${withK}`],
    ['a digit more', `${withK}1`],
    ['a digit in the place of a letter', withK.replace('b', '8')],
    ['a Kelvin sign for k', withK.replace('k', '\u212a')],
    ['a dotless i for i', withI.replace('i', '\u0131')],
    ['a dotted capital I for i', withI.replace('i', '\u0130')],
    ['a long s for s', withK.replace('s', '\u017f')],
    ['full-width letters', withK.replace(/./g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0))],
    ['a full-width letter', withK.replace('b', '\uff42')],
    ['a Cyrillic a', withK.replace('a', '\u0430')],
    ['a combining accent', `${withK}\u0301`],
    ['an underscore between groups', 'aaaa_aaaa_abai_sdla_fkbm'],
    ['19 letters before a null character', `${withK.slice(1)}\0${withI}`],
    ['another one behind it', withK + withI],
    ['two surrogates that a zero-width space keeps apart', `${withK}\udb40\u200b\udd00`],
    ['a lone surrogate', `${withK}\ud800`],
    ['40,000 letters', withK.repeat(2_000)],
    ['40,000 separators around it', '-'.repeat(20_000) + withK + ' '.repeat(20_000)],
  ])('with %s is refused and nothing is thrown', (_name, typed) => {
    expect(parsePassword(withK)).toBe(withK);
    expect(parsePassword(withI)).toBe(withI);
    expect(parsePassword(typed)).toBeUndefined();
  });

  test('of any kind either parses to 20 lowercase letters or is refused, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 300 }), (typed) => {
        const parsed = parsePassword(typed);
        return parsed === undefined || /^[a-z]{20}$/.test(parsed);
      }),
      { seed, numRuns: 2_000 },
    );
  });
});

describe('The name of an app password', () => {
  test.each([
    ['Phone', 'Phone'],
    ['  Phone of Ann \u00a0', 'Phone of Ann'],
    ['\r\n\tPhone of Ann\u2028\u2029\n', 'Phone of Ann'],
    ['\u1680\u2003\ufeffPhone\u202f\u205f\u3000\v\f', 'Phone'],
    ['Cafe\u0301', 'Caf\u00e9'],
    ['📱'.repeat(64), '📱'.repeat(64)],
    ['👩‍💻', '👩‍💻'],
    ['رسائل', 'رسائل'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
    ["Robert'); DROP TABLE", "Robert'); DROP TABLE"],
  ])('is kept in Unicode NFC without white space around it: %j', (given, name) => {
    expect(parseName(given)).toEqual({ kind: 'name', name });
  });

  test.each([
    ['nothing', ''],
    ['white space', ' \t\u00a0\u3000'],
    ['zero-width characters', '\u200b\u200c\u200d\u2060\ufeff\u00ad'],
    ['zero-width characters and white space', ' \u200b \u2060 '],
    ['a Hangul filler', '\u3164'],
    ['65 letters', 'a'.repeat(65)],
    ['65 emoji', '📱'.repeat(65)],
    ['line ends', '\r\n\u2028\u2029'],
    ['a line break', 'Phone\nof Ann'],
    ['a line break between line breaks', '\nPhone\nof Ann\n'],
    ['a tab', 'Phone\tof Ann'],
    ['a null character', 'Phone\0'],
    ['an escape character', 'Phone\u001b[31m'],
    ['a C1 control character', 'Phone\u0085'],
    ['a line separator', 'Phone\u2028of Ann'],
    ['a right-to-left override', 'Phone\u202egpj'],
    ['a right-to-left isolate', 'Phone\u2067gpj'],
    ['a lone high surrogate', 'Phone\ud83d'],
    ['a lone low surrogate', '\udcf1Phone'],
  ])('is refused when it is or holds %s', (_name, given) => {
    expect(parseName(given)).toMatchObject({ kind: 'invalid-name' });
  });

  test('is never changed by reading it again, and the refusal of any string repeats nothing of it', () => {
    const details = new Set<string>();
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 80 }), (given) => {
        const parsed = parseName(given);
        if (parsed.kind === 'name') expect(parseName(parsed.name)).toEqual(parsed);
        else details.add(parsed.detail);
      }),
      { seed, numRuns: 2_000 },
    );
    expect(details.size).toBeLessThanOrEqual(3);
  });
});

const rules: UsernameRules = {
  domains: ['example.com', 'example.org'],
  aliases: new Map([['example', 'example.com']]),
  defaultDomain: 'example.com',
};
const anyDomain: UsernameRules = { domains: [], aliases: new Map(), defaultDomain: undefined };
const fullWidth = (text: string) =>
  text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));

describe('The username of a token', () => {
  test.each([
    ['alice@example.com', 'alice@example.com'],
    ['Alice@EXAMPLE.com', 'alice@example.com'],
    ['alice@example.org', 'alice@example.org'],
    ["o'brien+x@example.com", "o'brien+x@example.com"],
    [fullWidth('ALICE@example.com'), 'alice@example.com'],
  ])('is mapped to half width and lower case (RFC 8265 section 3.3): %s', (claim, username) => {
    expect(usernameOfToken(claim, rules)).toBe(username);
  });

  test.each([
    ['another domain', 'alice@example.net'],
    ['a domain below an accepted one', 'alice@mail.example.com'],
    ['a domain that ends like an accepted one', 'alice@badexample.com'],
    ['a domain that begins like an accepted one', 'alice@example.com.attacker.example'],
    ['no domain', 'alice'],
    ['an empty domain', 'alice@'],
    ['no name', '@example.com'],
    ['two domains', 'alice@example.com@example.com'],
    ['nothing', ''],
    ['a space', 'alice smith@example.com'],
    ['a space at the end', 'alice@example.com '],
    ['a null character', 'alice\0@example.com'],
    ['a line break', 'alice@example.com\n'],
    ['an accent', 'älice@example.com'],
    ['a combining accent', 'a\u0308lice@example.com'],
    ['a dotless i', 'al\u0131ce@example.com'],
    ['a dotted capital I', 'AL\u0130CE@example.com'],
    ['a Cyrillic a', '\u0430lice@example.com'],
    ['a zero-width space', 'alice\u200b@example.com'],
    ['a lone surrogate', 'alice\ud800@example.com'],
    ['255 characters', `${'a'.repeat(243)}@example.com`],
  ])('is refused with %s', (_name, claim) => {
    expect(usernameOfToken(claim, rules)).toBeUndefined();
  });

  // RFC 8265 section 3.3.2: after width mapping, the string must consist of the PRECIS IdentifierClass, which holds no
  // character with a compatibility mapping (RFC 8264 section 9.17). Else two names of a directory fall into one.
  test.each([
    ['a Kelvin sign', 'mi\u212ae@example.com'],
    ['a Greek question mark', 'a\u037eb@example.com'],
    ['a Greek varia', 'a\u1fefb@example.com'],
  ])('is refused with %s, which case mapping or NFC turns into ASCII', (_name, claim) => {
    expect(usernameOfToken(claim, rules)).toBeUndefined();
  });

  test('may have any domain, or none, where no domains are set', () => {
    expect(usernameOfToken('Alice@anywhere.example', anyDomain)).toBe('alice@anywhere.example');
    expect(usernameOfToken('alice', anyDomain)).toBe('alice');
    expect(usernameOfToken('älice', anyDomain)).toBeUndefined();
  });

  test('is ASCII without spaces and capital letters, and maps to itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 60 }), (claim) => {
        const username = usernameOfToken(claim, anyDomain);
        if (username === undefined) return true;
        expect(username).toMatch(/^[!-@[-~]+$/);
        expect(usernameOfToken(username, anyDomain)).toBe(username);
        return true;
      }),
      { seed, numRuns: 2_000 },
    );
  });
});

describe('A typed username', () => {
  const alice = keyOf('alice@example.com' as Username);
  const kinds: readonly GoesOnWith[] = ['canonical', 'typed'];

  test.each([
    'alice@example.com',
    'ALICE@Example.COM',
    'alice',
    'Alice',
    'EXAMPLE\\alice',
    'example\\Alice',
    fullWidth('alice@example.com'),
    fullWidth('alice'),
    fullWidth('EXAMPLE\\alice'),
  ])('means alice@example.com: %s', (typed) => {
    for (const kind of kinds) expect(keyOfTyped(typed, rules, kind)).toBe(alice);
  });

  test.each([
    ' alice',
    'alice@example.com ',
    '\u00a0alice@example.com\r\n',
    '\ufeffalice',
    'ali\u00adce@exam\u200bple.com',
    '\u202aalice@example.com\u202c',
    '\u2068alice@example.com\u2069',
    'alice\ufe0f@example.com',
    'alice\0\0\0',
    'alice\u3164',
    'EXAMPLE\u200b\\alice',
    '\\alice',
    '\\alice@example.com',
    ' \\ALICE@example.com',
    'EXAMPLE\\alice@example.com',
    'example\\Alice@Example.COM',
    'example.com\\alice',
    'Example.com\\alice@EXAMPLE.com',
    fullWidth('example.com\\alice'),
    'alice@example\u3002com',
  ])('means alice@example.com only where the canonical name is gone on with: %j', (typed) => {
    expect(keyOfTyped(typed, rules, 'canonical')).toBe(alice);
    expect(keyOfTyped(typed, rules, 'typed')).not.toBe(alice);
  });

  test.each([
    'alice@example.org',
    'OTHER\\alice',
    'OTHER\\alice@example.com',
    'example.org\\alice',
    'example.org\\alice@example.com',
    'EXAMPLE\\alice@example.org',
    'EXAMPLE\\bob@example.com',
    'mail.example.com\\alice',
    '.\\alice',
    'EXAMPLE\\',
    '\\',
    '\\\\alice',
    '\\\\alice@example.com',
    'EXAMPLE\\\\alice',
    'EXAMPLE\\\\alice@example.com',
    '\\EXAMPLE\\alice',
    '\\alice\\',
    'EXAMPLE\\alice\\x',
    'example.com\\alice@example.com\\',
    'EXAMPLE/alice',
    '/alice',
    'alice\\example.com',
    'alice@',
    'alice@example.com.',
    'alice@example..com',
    'älice',
    'al\u0131ce',
    'alice\ud800',
    'alice\udb40\u200b\udd00',
    '\u0430lice',
    'alice@ex\u0430mple.com',
    'alice@ex\u0251mple.com',
    'alice@\u212fx\u03b1mple.com',
    'alice@exampl\u0435.com',
    'alice@exam\u0323ple.com',
    'alice@example.com/ü',
    'alice@%65xample\u3002com',
    '',
    '\u200b',
  ])('means somebody else or nobody: %j', (typed) => {
    for (const kind of kinds) expect(keyOfTyped(typed, rules, kind)).not.toBe(alice);
  });

  test('needs its domain where no default is set, and a domain before a backslash where none is known', () => {
    for (const kind of kinds) {
      expect(keyOfTyped('alice', anyDomain, kind)).not.toBe(alice);
      expect(keyOfTyped('EXAMPLE\\alice', anyDomain, kind)).not.toBe(alice);
      expect(keyOfTyped('alice@example.com', anyDomain, kind)).toBe(alice);
    }
  });

  test('has an alias with a space in it as it was set, and also without where what is invisible does not matter', () => {
    const spaced = { ...rules, aliases: new Map([['my corp', 'example.com']]) };
    for (const kind of kinds) expect(keyOfTyped('My Corp\\alice', spaced, kind)).toBe(alice);
    expect(keyOfTyped('MyCorp\\alice', spaced, 'canonical')).toBe(alice);
    expect(keyOfTyped('MyCorp\\alice', spaced, 'typed')).not.toBe(alice);
  });

  test('has the key of the same name in a token, if it is one at all', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9.'+_-]{1,30}$/);
    fc.assert(
      fc.property(name, fc.constantFrom('example.com', 'EXAMPLE.ORG'), (local, domain) => {
        const username = usernameOfToken(`${local}@${domain}`, rules) as Username;
        for (const typed of [`${local}@${domain}`, `${local}@${domain}`.toUpperCase()])
          for (const kind of kinds) expect(keyOfTyped(typed, rules, kind)).toBe(keyOf(username));
      }),
      { seed },
    );
  });

  test('always has a key that a table accepts, whatever the string', () => {
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 400 }), (typed) => {
        for (const some of [rules, anyDomain])
          for (const kind of kinds) expect(keyOfTyped(typed, some, kind)).toMatch(/^[A-Za-z0-9_-]{43}$/);
      }),
      { seed, numRuns: 2_000 },
    );
    expect(keyOfTyped('a'.repeat(40_000), rules, 'canonical')).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test('that can be no username never has the key of one, where it is gone on with as it was typed', () => {
    const strange = fc
      .tuple(fc.string({ unit: 'grapheme-ascii' }), fc.string({ unit: character, minLength: 1 }))
      .map(([a, b]) => `${a}${b}`)
      .filter((typed) => usernameOfToken(typed, anyDomain) === undefined);
    const resembling = (typed: string) => [
      typed,
      typed.toLowerCase(),
      typed.normalize('NFKC').toLowerCase(),
      typed.trim(),
      typed.replace(/[^!-~]/g, ''),
      typed.replace(/[^!-~]/g, '').toLowerCase(),
      `\0${typed}`,
    ];
    fc.assert(
      fc.property(strange, (typed) => {
        const key = keyOfTyped(typed, anyDomain, 'typed');
        for (const candidate of resembling(typed)) {
          const username = usernameOfToken(candidate, anyDomain);
          if (username !== undefined) expect(key).not.toBe(keyOf(username));
        }
      }),
      { seed, numRuns: 2_000 },
    );
  });

  describe('with a domain beyond ASCII', () => {
    const spelt = { ...rules, domains: ['example.com', 'xn--bcher-kva.example', 'xn--strae-oqa.example'] };
    const alice = keyOf('alice@xn--bcher-kva.example' as Username);

    test.each(['alice@xn--bcher-kva.example', 'ALICE@XN--BCHER-KVA.Example'])(
      'means %s anywhere',
      (typed) => {
        for (const kind of kinds) expect(keyOfTyped(typed, spelt, kind)).toBe(alice);
      },
    );

    test.each([
      'alice@bücher.example',
      'Alice@BÜCHER.Example',
      'alice@bu\u0308cher.example',
      'alice@bü\u00adcher.example',
      'alice@bücher\uff0eexample',
      'alice@bücher\u3002example',
      'bücher.example\\alice',
      'BÜCHER.example\\alice@bücher.example',
      'xn--bcher-kva.example\\alice@bücher.example',
      '\\alice@bücher.example',
    ])(
      'is written as it is registered (UTS 46) only where the canonical name is gone on with: %s',
      (typed) => {
        expect(keyOfTyped(typed, spelt, 'canonical')).toBe(alice);
        expect(keyOfTyped(typed, spelt, 'typed')).not.toBe(alice);
      },
    );

    test.each([
      'bücher@bücher.example',
      'alice@bucher.example',
      'alice@b\u00fb\u0308cher.example',
      'alice@b\u04afcher.example',
      'alice@bücher..example',
      'alice@.bücher.example',
      'alice@bücher.example.',
      'alice@bücher.example/',
      'alice@bücher.example?',
      'alice@bücher.example#x',
      'alice@bücher.example:443',
      'alice@b%C3%BCcher.example',
      'alice@bücher.exam%70le',
      'alice@mail.bücher.example',
      'alice@\ud800bücher.example',
      'älice@bücher.example',
      'EXAMPLE\\alice@bücher.example',
    ])('means somebody else or nobody: %j', (typed) => {
      expect(keyOfTyped(typed, spelt, 'canonical')).not.toBe(alice);
    });

    test('is told from one that older rules took for it', () => {
      expect(asciiDomain('straße.example')).toBe('xn--strae-oqa.example');
      expect(asciiDomain('strasse.example')).toBe('strasse.example');
    });

    test('stays as it is where it is none that is accepted', () => {
      for (const kind of kinds) expect(keyOfTyped('alice@bücher.example', rules, kind)).not.toBe(alice);
    });

    test('can be any, where no domains are set', () => {
      expect(keyOfTyped('alice@bücher.example', anyDomain, 'canonical')).toBe(alice);
      expect(keyOfTyped('alice@bücher.example', anyDomain, 'typed')).not.toBe(alice);
      // A Greek question mark is a semicolon to Unicode.
      const signs = keyOf('alice@a;b.example' as Username);
      expect(keyOfTyped('alice@a\u037eb.example', anyDomain, 'canonical')).not.toBe(signs);
      expect(keyOfTyped('alice@b ü%', anyDomain, 'canonical')).not.toBe(keyOf('alice@' as Username));
    });

    test('of 10,000 letters is looked up as nobody’s', () => {
      const typed = `alice@${'ü'.repeat(10_000)}.example`;
      expect(keyOfTyped(typed, anyDomain, 'canonical')).toBe(keyOfTyped(typed, anyDomain, 'typed'));
    });
  });
});

describe('The protocol of a request', () => {
  const mail: Gateway = { name: 'mail', protocols: ['imap', 'smtp'], goesOnWith: 'typed' };
  const scanner: Gateway = { name: 'scanner', protocols: ['smtp'], goesOnWith: 'typed' };
  const bare: Gateway = { name: 'bare', protocols: [], goesOnWith: 'typed' };

  test.each([
    ...protocols.map((protocol) => [protocol, protocol] as const),
    ['IMAP', 'imap'],
    [' smtp ', 'smtp'],
    ['submission', 'smtp'],
    ['Submission', 'smtp'],
  ] as const)('is known in any case, and submission is smtp: %s', (given, protocol) => {
    expect(parseProtocol(given)).toBe(protocol);
  });

  test.each(['', 'http', 'imap4', 'im ap', 'imap,smtp', 'constructor', '__proto__', '\u0131map'])(
    'is unknown when it is called %j',
    (given) => {
      expect(parseProtocol(given)).toBeUndefined();
    },
  );

  test.each([
    ['the one that the request names, if the gateway may speak for it', mail, 'imap', 'imap'],
    ['none, if the gateway may not speak for it', mail, 'radius', null],
    ['none, if it is unknown', mail, 'gopher', null],
    ['none, if the gateway has several and the request names none', mail, undefined, null],
    ['the gateway’s own, if it has one and the request names none', scanner, undefined, 'smtp'],
    ['the gateway’s own, if it has one and the request names an empty one', scanner, '', 'smtp'],
    ['none, if the gateway has one and the request names another', scanner, 'imap', null],
    ['none, if the gateway has none', bare, 'imap', null],
    ['none, if neither says one', bare, undefined, null],
  ] as const)('is %s', (_name, gateway, named, protocol) => {
    expect(protocolOf(gateway, named)).toBe(protocol);
  });

  test('is never one that the gateway may not speak for, whatever the request names', () => {
    const named = fc.oneof(fc.constantFrom(...protocols, 'submission', 'IMAP'), fc.string());
    fc.assert(
      fc.property(fc.subarray([...protocols]), fc.option(named, { nil: undefined }), (allowed, given) => {
        const protocol = protocolOf({ ...mail, protocols: allowed }, given);
        return protocol === null || allowed.includes(protocol);
      }),
      { seed, numRuns: 1_000 },
    );
  });
});
