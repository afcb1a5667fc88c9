import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseName } from '../../shared/domain/app-password/name.ts';
import {
  formatPassword,
  generatePassword,
  parsePassword,
} from '../../shared/domain/app-password/password.ts';
import { withoutInvisible } from '../../shared/domain/username/invisible.ts';
import {
  asciiDomain,
  type GoesOnWith,
  keyOf,
  keyOfTyped,
  type Username,
  type UsernameRules,
  usernameOfToken,
} from '../../shared/domain/username/username.ts';
import { systemRandom } from '../../shared/runtime/system.ts';

const seed = Number(process.env.STORM_SEED ?? randomInt(2 ** 31));
const runs = { seed, numRuns: process.env.STORM === 'full' ? 80_000 : 6_000 };

const { schemas } = parse(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8')).components;
const ajv = new Ajv2020();
const isShownName = ajv.compile({ ...schemas.Name, examples: undefined });
const isSentName = ajv.compile(schemas.GivenName);
const isShownUsername = ajv.compile({ ...schemas.Username, examples: undefined });

/** Characters at which programs that handle text differ. */
const odd = fc.constantFrom(
  ...' \t\n\r\0\u0007\u001b\u007f\u0085\u00a0\u00ad\u034f\u061c\u0958\u115f\u1680\u180e\u200b\u200d\u200e\u2000\u2028\u2029',
  ...'\u202a\u202e\u2060\u2066\u2069\u206a\u2800\u3000\u3164\ufb2c\ufe0f\ufeff\ufff9\ufffe\uffff\u0301\u0327\u1100\u1161\u11a8',
  ...'\u00c5\u00df\u0130\u0131\u017f\u037e\u03c2\u1e9e\u1fef\u2126\u212a\u212b\ufb01',
  ...'\uff01\uff20\uff21\uff3c\uff41\uff5e\uff03#\\@:/%',
  '\ud800',
  '\udfff',
  '\u{e0001}',
  '\u{1f468}\u200d\u{1f4bb}',
  '\u{1d15e}',
);
const anyText = fc
  .array(fc.oneof({ arbitrary: odd, weight: 2 }, fc.string({ unit: 'binary', maxLength: 4 }), fc.string()), {
    maxLength: 24,
  })
  .map((parts) => parts.join(''));

describe('The name of an app password, from any string', () => {
  test('is read to itself again, is as documented, and its own request is taken as well', () => {
    let taken = 0;
    fc.assert(
      fc.property(anyText, (given) => {
        const parsed = parseName(given);
        if (parsed.kind !== 'name') return;
        taken++;
        expect(parseName(parsed.name)).toEqual(parsed);
        expect([isShownName(parsed.name), isSentName(parsed.name)]).toEqual([true, true]);
        expect(isSentName(given)).toBe(true);
      }),
      runs,
    );
    expect(taken).toBeGreaterThan(runs.numRuns / 50);
  });

  test('holds nothing that breaks a line, hides, or turns the direction of text, and is in one form of Unicode', () => {
    fc.assert(
      fc.property(anyText, (given) => {
        const parsed = parseName(given);
        if (parsed.kind !== 'name') return;
        const { name } = parsed;
        for (const c of name) {
          const code = c.codePointAt(0) as number;
          const isForbidden =
            code < 0x20 ||
            (code >= 0x7f && code <= 0x9f) ||
            (code >= 0x2028 && code <= 0x202e) ||
            (code >= 0x2066 && code <= 0x2069) ||
            (code >= 0xd800 && code <= 0xdfff);
          expect([code, isForbidden]).toEqual([code, false]);
        }
        expect(name).toBe(name.normalize('NFC'));
        expect(name).toBe(name.replace(/^\s+|\s+$/g, ''));
        expect(name.replace(/[\s\p{Default_Ignorable_Code_Point}]/gu, '')).not.toBe('');
        expect(Array.from(name).length).toBeLessThanOrEqual(64);
      }),
      runs,
    );
  });

  test('is refused without a word of it', () => {
    fc.assert(
      fc.property(anyText, (given) => {
        const parsed = parseName(given);
        if (parsed.kind === 'name' || given.trim().length < 8) return;
        expect(parsed.detail).not.toContain(given.trim());
        expect(parsed.detail).toMatch(/^[A-Z][ -~]+\.$/);
      }),
      runs,
    );
  });
});

const label = fc.stringMatching(/^[a-z0-9-]{1,8}$/);
const domain = fc.tuple(label, label).map((parts) => parts.join('.'));
const rulesOf = fc
  .record({
    domains: fc.uniqueArray(domain, { maxLength: 3 }),
    alias: fc.option(label, { nil: undefined }),
    withDefault: fc.boolean(),
  })
  .map(({ domains, alias, withDefault }): UsernameRules => {
    const [first] = domains;
    return {
      domains,
      aliases: new Map(first !== undefined && alias !== undefined ? [[alias, first]] : []),
      defaultDomain: withDefault ? first : undefined,
    };
  });

const local = fc.oneof(
  fc.stringMatching(/^[!-?A-[\]-~]{1,20}$/),
  fc.stringMatching(/^[A-Za-z0-9.]{1,250}$/),
  anyText,
);

/** Rules, with a name that often fits them. */
const named = rulesOf.chain((rules) =>
  fc.record({
    rules: fc.constant(rules),
    name: fc.oneof(
      fc
        .tuple(local, fc.constantFrom('', ...rules.domains.map((one) => `@${one}`), '@other.example'))
        .map((parts) => parts.join('')),
      anyText,
    ),
  }),
);

/** Spells each letter in either case and width, as numbers say. */
function respell(name: string, choices: readonly number[]): string {
  return Array.from(name, (c, index) => {
    const choice = choices[index % choices.length] as number;
    const cased = choice % 2 === 0 ? c : c.toUpperCase();
    return choice < 2 || !/^[!-~]$/.test(cased) ? cased : String.fromCharCode(cased.charCodeAt(0) + 0xfee0);
  }).join('');
}
function aliasesFor(domain: string, { aliases }: UsernameRules): string[] {
  return [...aliases].flatMap(([alias, one]) => (one === domain ? [alias] : []));
}

const kinds: readonly GoesOnWith[] = ['canonical', 'typed'];
const choices = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 20 });

describe('The username of a token, from any string', () => {
  test('is the username of itself, as documented, in an accepted domain', () => {
    let taken = 0;
    fc.assert(
      fc.property(named, ({ rules, name }) => {
        const username = usernameOfToken(name, rules);
        if (username === undefined) return;
        taken++;
        expect(usernameOfToken(username, rules)).toBe(username);
        expect(isShownUsername(username)).toBe(true);
        if (rules.domains.length > 0) {
          expect(rules.domains).toContain(username.split('@')[1]);
          expect(username.split('@').length).toBe(2);
        }
      }),
      runs,
    );
    expect(taken).toBeGreaterThan(runs.numRuns / 20);
  });

  test('is the same in every case and width', () => {
    fc.assert(
      fc.property(named, choices, ({ rules, name }, how) => {
        const username = usernameOfToken(name, rules);
        if (username !== undefined) expect(usernameOfToken(respell(username, how), rules)).toBe(username);
      }),
      runs,
    );
  });

  test('is found by whoever types it, in every case and width', () => {
    fc.assert(
      fc.property(named, choices, ({ rules, name }, how) => {
        const username = usernameOfToken(name, rules);
        if (username === undefined) return;
        for (const kind of kinds)
          expect(keyOfTyped(respell(username, how), rules, kind)).toBe(keyOf(username));
      }),
      runs,
    );
  });

  test('may hold a backslash only if whoever types it finds it', () => {
    const rules: UsernameRules = {
      domains: ['example.com'],
      aliases: new Map([['corp', 'example.com']]),
      defaultDomain: 'example.com',
    };
    fc.assert(
      fc.property(fc.constantFrom('corp', 'CORP', 'example.com', 'other', ''), label, (before, after) => {
        const username = usernameOfToken(`${before}\\${after}@example.com`, rules);
        if (username === undefined) return;
        for (const kind of kinds) expect(keyOfTyped(username, rules, kind)).toBe(keyOf(username));
      }),
      { seed },
    );
  });

  test('may have no domain only if whoever types it finds it', () => {
    const rules: UsernameRules = { domains: [], aliases: new Map(), defaultDomain: 'example.com' };
    fc.assert(
      fc.property(label, (name) => {
        const username = usernameOfToken(name, rules);
        if (username === undefined) return;
        for (const kind of kinds) expect(keyOfTyped(username, rules, kind)).toBe(keyOf(username));
      }),
      { seed },
    );
  });
});

describe('The key of a username', () => {
  test('is never that of another one, typed or from a token', () => {
    const two = rulesOf.chain((rules) =>
      fc
        .tuple(local, local, fc.boolean())
        .map(([a, b, sameEnd]) => ({ rules, a, b: sameEnd ? `${a.slice(0, 1)}${b}` : b })),
    );
    fc.assert(
      fc.property(two, ({ rules, a, b }) => {
        const usernames = [a, b].flatMap((text) =>
          [text, ...rules.domains.map((one) => `${text}@${one}`)].flatMap(
            (name) => usernameOfToken(name, rules) ?? [],
          ),
        );
        const distinct = new Set<Username>(usernames);
        expect(new Set([...distinct].map(keyOf)).size).toBe(distinct.size);
      }),
      runs,
    );
  });

  test('is found by no string that only resembles the name: with what is invisible only where that does not matter', () => {
    let invisible = 0;
    fc.assert(
      fc.property(named, anyText, fc.nat({ max: 300 }), ({ rules, name }, inserted, at) => {
        const username = usernameOfToken(name, rules);
        if (username === undefined || /^[!-~\uff01-\uff5e]*$/.test(inserted)) return;
        const place = at % (username.length + 1);
        const typed = username.slice(0, place) + inserted + username.slice(place);
        expect(keyOfTyped(typed, rules, 'typed')).not.toBe(keyOf(username));
        const visible = withoutInvisible(inserted);
        // What is left may be a domain field, which is another property.
        if (visible !== '' && /^[!-~\uff01-\uff5e]*$/.test(visible)) return;
        if (visible === '') invisible++;
        const found = keyOfTyped(typed, rules, 'canonical') === keyOf(username);
        expect([typed, found]).toEqual([typed, visible === '']);
      }),
      runs,
    );
    expect(invisible).toBeGreaterThan(runs.numRuns / 200);
  });

  test('is found behind the domain field of a device that is empty or holds the name’s own domain, and behind no other', () => {
    let told = 0;
    fc.assert(
      fc.property(named, fc.oneof(label, domain, anyText), choices, ({ rules, name }, other, how) => {
        const username = usernameOfToken(name, rules);
        if (username === undefined || username.includes('\\')) return;
        const [bare = '', own = ''] = username.split('@');
        const fields = ['', ...(rules.domains.includes(own) ? [own, ...aliasesFor(own, rules)] : [])];
        for (const field of fields) {
          for (const typed of [`${field}\\${username}`, ...(field === '' ? [] : [`${field}\\${bare}`])]) {
            expect([typed, keyOfTyped(respell(typed, how), rules, 'canonical')]).toEqual([
              typed,
              keyOf(username),
            ]);
            const taken = rules.aliases.has(field) && !typed.includes('@');
            expect([typed, keyOfTyped(typed, rules, 'typed') === keyOf(username)]).toEqual([typed, taken]);
            told++;
          }
        }
        const meant = withoutInvisible(other).toLowerCase();
        if (fields.includes(meant) || /[\\\uff01-\uff5e]/.test(meant)) return;
        for (const kind of kinds)
          expect(keyOfTyped(`${other}\\${username}`, rules, kind)).not.toBe(keyOf(username));
      }),
      runs,
    );
    expect(told).toBeGreaterThan(runs.numRuns / 20);
  });

  test('exists for any string, and nothing is thrown', () => {
    fc.assert(
      fc.property(named, anyText, ({ rules, name }, text) => {
        for (const typed of [name, text, `${text}\\${name}`, text.repeat(100)]) {
          for (const kind of kinds) expect(keyOfTyped(typed, rules, kind)).toMatch(/^[A-Za-z0-9_-]{43}$/);
        }
      }),
      runs,
    );
  });
});

/** All code points but surrogates, up to the end of plane 1, and of plane 14. */
const codePoints = [
  ...Array.from({ length: 0x2_0000 }, (_, code) => code),
  ...Array.from({ length: 0x1000 }, (_, i) => 0xe_0000 + i),
]
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));

describe('What is invisible', () => {
  const rules: UsernameRules = {
    domains: ['example.com'],
    aliases: new Map([['example', 'example.com']]),
    defaultDomain: 'example.com',
  };
  const alice = keyOf('alice@example.com' as Username);
  const password = generatePassword(systemRandom);
  const spellings = (c: string) => [
    `${c}alice@example.com${c}`,
    `ali${c}ce@example.com`,
    `alice${c}@${c}exa${c}mple.com`,
    `${c}al${c}ice`,
    `EXAM${c}PLE${c}\\${c}alice`,
    `${c}\\alice@example.com`,
  ];

  test.each([
    ['Cc, controls', /^\p{Cc}$/u, 65],
    ['Cf, format characters', /^\p{Cf}$/u, 150],
    ['Zs, spaces', /^\p{Zs}$/u, 17],
    ['Zl, line separator', /^\p{Zl}$/u, 1],
    ['Zp, paragraph separator', /^\p{Zp}$/u, 1],
    ['variation selectors', /^[\ufe00-\ufe0f\u{e0100}-\u{e01ef}\u180b-\u180d\u180f]$/u, 260],
    ['the combining grapheme joiner', /^\u034f$/u, 1],
    ['fillers', /^[\u115f\u1160\u3164\uffa0]$/u, 4],
    ['tags', /^[\u{e0001}\u{e0020}-\u{e007f}]$/u, 97],
  ])(
    '(%s) does not matter in a username or a password, and is in no canonical name',
    (_name, kind, atLeast) => {
      const all = codePoints.filter((c) => kind.test(c));
      expect(all.length).toBeGreaterThanOrEqual(atLeast);
      for (const c of all) {
        for (const typed of spellings(c)) {
          expect([typed, keyOfTyped(typed, rules, 'canonical')]).toEqual([typed, alice]);
          expect([typed, keyOfTyped(typed, rules, 'typed') === alice]).toEqual([typed, false]);
          expect([typed, usernameOfToken(typed, rules)]).toEqual([typed, undefined]);
        }
        for (const typed of [
          c + password + c,
          formatPassword(password).replaceAll('-', c),
          password.replace(/./g, `$&${c}`),
        ])
          expect([typed, parsePassword(typed)]).toEqual([typed, password]);
      }
    },
  );

  test('is all that does not matter in a username: no other character beyond ASCII is left out of one', () => {
    const others = codePoints.filter(
      (c) => c > '~' && withoutInvisible(c) !== '' && !/^[\uff01-\uff5e]$/.test(c),
    );
    expect(others.length).toBeGreaterThan(120_000);
    const found = others.filter((c) => keyOfTyped(`alice${c}@example.com`, rules, 'canonical') === alice);
    expect(found).toEqual([]);
  });

  test('is taken away at once and wholly, and a canonical name keeps all that it has', () => {
    fc.assert(
      fc.property(named, anyText, ({ rules, name }, text) => {
        const left = withoutInvisible(text);
        expect(withoutInvisible(left)).toBe(left);
        const username = usernameOfToken(name, rules);
        if (username !== undefined) expect(withoutInvisible(username)).toBe(username);
      }),
      runs,
    );
  });

  test('stays beside a lone surrogate, so that no two of them become one character', () => {
    for (const text of ['\ud800', 'a\u200b\ud800', '\udb40\u200b\udd00', '\udc00 \ud800'])
      expect(withoutInvisible(text)).toBe(text);
  });
});

describe('A domain beyond ASCII', () => {
  const domains = [
    ...[
      'bücher.example',
      'straße.example',
      'почта.example',
      'δοκιμή.example',
      'σίγμας.example',
      '日本語.example',
    ],
    ...[
      'मेल.example',
      'دامنه.example',
      'דואר.example',
      'ñandú.example',
      'e\u0301te\u0301.example',
      '도메인.example',
    ],
  ];

  test('is found as it is typed, however that is composed, and in no other letters', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...domains),
        fc.constantFrom(...domains),
        anyText,
        (typed, other, inserted) => {
          const [own, foreign] = [asciiDomain(typed) ?? '', asciiDomain(other) ?? ''];
          expect(own).toMatch(/^xn--[a-z0-9-]+\.example$/);
          const rules: UsernameRules = { domains: [own], aliases: new Map(), defaultDomain: undefined };
          const alice = keyOf(`alice@${own}` as Username);
          for (const spelt of [
            typed,
            typed.normalize('NFD'),
            typed.normalize('NFC'),
            typed.replace('ü', 'Ü'),
          ]) {
            expect([spelt, keyOfTyped(`alice@${spelt}`, rules, 'canonical')]).toEqual([spelt, alice]);
            expect([spelt, keyOfTyped(`${spelt}\\alice`, rules, 'canonical')]).toEqual([spelt, alice]);
            expect([spelt, keyOfTyped(`alice@${spelt}`, rules, 'typed') === alice]).toEqual([spelt, false]);
          }
          if (own !== foreign) expect(keyOfTyped(`alice@${other}`, rules, 'canonical')).not.toBe(alice);
          if (withoutInvisible(inserted) !== '')
            expect(keyOfTyped(`alice@${typed}${inserted}`, rules, 'canonical')).not.toBe(alice);
        },
      ),
      { seed, numRuns: runs.numRuns / 20 },
    );
  });

  test('that any text stands for is one of small letters, digits, hyphens and dots, or none', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        if (/^[\0-\x7f]*$/.test(text)) return;
        expect(asciiDomain(text) ?? 'none').toMatch(/^[a-z0-9.-]+$/);
      }),
      runs,
    );
  });
});
