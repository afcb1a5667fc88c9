import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseName } from '../../shared/domain/name.ts';
import {
  keyOf,
  keyOfTyped,
  type Username,
  type UsernameRules,
  usernameOfToken,
} from '../../shared/domain/username.ts';

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
  it('is read to itself again, is as documented, and its own request is taken as well', () => {
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

  it('holds nothing that breaks a line, hides, or turns the direction of text, and is in one form of Unicode', () => {
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

  it('is refused without a word of it', () => {
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
const choices = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 20 });

describe('The username of a token, from any string', () => {
  it('is the username of itself, as documented, in an accepted domain', () => {
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

  it('is the same in every case and width', () => {
    fc.assert(
      fc.property(named, choices, ({ rules, name }, how) => {
        const username = usernameOfToken(name, rules);
        if (username !== undefined) expect(usernameOfToken(respell(username, how), rules)).toBe(username);
      }),
      runs,
    );
  });

  it('is found by whoever types it, in every case and width', () => {
    fc.assert(
      fc.property(named, choices, ({ rules, name }, how) => {
        const username = usernameOfToken(name, rules);
        if (username !== undefined) expect(keyOfTyped(respell(username, how), rules)).toBe(keyOf(username));
      }),
      runs,
    );
  });

  it('may hold a backslash only if whoever types it finds it', () => {
    const rules: UsernameRules = {
      domains: ['example.com'],
      aliases: new Map([['corp', 'example.com']]),
      defaultDomain: 'example.com',
    };
    fc.assert(
      fc.property(fc.constantFrom('corp', 'CORP', 'other', ''), label, (before, after) => {
        const username = usernameOfToken(`${before}\\${after}@example.com`, rules);
        if (username !== undefined) expect(keyOfTyped(username, rules)).toBe(keyOf(username));
      }),
      { seed },
    );
  });

  it('may have no domain only if whoever types it finds it', () => {
    const rules: UsernameRules = { domains: [], aliases: new Map(), defaultDomain: 'example.com' };
    fc.assert(
      fc.property(label, (name) => {
        const username = usernameOfToken(name, rules);
        if (username !== undefined) expect(keyOfTyped(username, rules)).toBe(keyOf(username));
      }),
      { seed },
    );
  });
});

describe('The key of a username', () => {
  it('is never that of another one, typed or from a token', () => {
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

  it('is found by no string that only resembles the name', () => {
    fc.assert(
      fc.property(named, anyText, fc.nat({ max: 300 }), ({ rules, name }, inserted, at) => {
        const username = usernameOfToken(name, rules);
        if (username === undefined || /^[!-~\uff01-\uff5e]*$/.test(inserted)) return;
        const place = at % (username.length + 1);
        const typed = username.slice(0, place) + inserted + username.slice(place);
        expect(keyOfTyped(typed, rules)).not.toBe(keyOf(username));
      }),
      runs,
    );
  });

  it('exists for any string, and nothing is thrown', () => {
    fc.assert(
      fc.property(named, anyText, ({ rules, name }, text) => {
        for (const typed of [name, text, `${text}\\${name}`, text.repeat(100)]) {
          expect(keyOfTyped(typed, rules)).toMatch(/^[A-Za-z0-9_-]{43}$/);
        }
      }),
      runs,
    );
  });
});
