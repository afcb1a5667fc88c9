import { describe, expect, test } from 'vitest';
import { submit } from './clients.ts';
import type { Lab } from './lab.ts';

/**
 * Mail through a gateway for submission is sent as its owner, or as an address that the operator gave to that person.
 *
 * @param given an address that alice may use as well; `ceo@example.com` belongs to somebody else
 */
export function tiesSenders(lab: () => Lab, port: () => number, given: string): void {
  const sendAs = (from: string, typed = 'alice@example.com') =>
    submit(typed, lab().secrets.first, port(), ['--from', from]);

  describe('lets a person send as that person', () => {
    test.each(['alice@example.com', 'ALICE@Example.com', '<>', given])('from %s', async (from) => {
      expect(await sendAs(from)).toBe('250');
    });

    test.each([
      'bob@example.com',
      'ceo@example.com',
      'alice@example.net',
      'alice',
      '"x,alice@example.com,y"@example.net',
    ])('and not from %s', async (from) => {
      expect(await sendAs(from)).toMatch(/^5\d\d /);
    });

    test('however the name was typed', async () => {
      for (const typed of ['alice', 'ALICE@Example.com']) {
        expect(await sendAs('alice@example.com', typed)).toBe('250');
        expect(await sendAs('ceo@example.com', typed)).toMatch(/^5\d\d /);
      }
    });

    test('and takes a mail of 30 MB', { timeout: 90_000 }, async () => {
      expect(await submit(lab().username, lab().secrets.first, port(), ['--from', lab().username], 30)).toBe(
        '250',
      );
    });
  });
}
