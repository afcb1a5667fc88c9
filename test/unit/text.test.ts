import { describe, expect, test } from 'vitest';
import { words as en } from '../../portal/text/languages/en.ts';
import { words as nl } from '../../portal/text/languages/nl.ts';
import { pluralOf } from '../../portal/text/plural.ts';

describe('A number on the page has the words of its language', () => {
  test.each([
    ['of a limit', en.used(1, 1), '1 of 1 app password', en.used(1, 40), '1 of 40 app passwords'],
    ['of a limit', nl.used(1, 1), '1 van 1 app-wachtwoord', nl.used(1, 40), '1 van 40 app-wachtwoorden'],
    ['of app passwords', en.several(1), '1 app password', en.several(0), '0 app passwords'],
    ['of app passwords', nl.several(1), '1 app-wachtwoord', nl.several(0), '0 app-wachtwoorden'],
    ['of days', en.inDays(1), 'In 1 day', en.inDays(30), 'In 30 days'],
    [
      'of refusals',
      en.admin.refused(1, 'May 1'),
      'Refused at least once since May 1',
      en.admin.refused(2, 'May 1'),
      'Refused at least 2 times since May 1',
    ],
    [
      'of refusals',
      nl.admin.refused(1, '1 mei'),
      'Sinds 1 mei minstens één keer geweigerd',
      nl.admin.refused(2, '1 mei'),
      'Sinds 1 mei minstens 2 keer geweigerd',
    ],
    ['of older ones', en.admin.older(1), '1 older one', en.admin.older(2), '2 older ones'],
    ['of people', en.admin.soFar(1), '1 person so far', en.admin.soFar(21), '21 people so far'],
    ['of people', nl.admin.soFar(1), '1 persoon tot nu toe', nl.admin.soFar(21), '21 personen tot nu toe'],
  ])('%s: %s', (_, one, expectedOne, several, expectedSeveral) => {
    expect([one, several]).toEqual([expectedOne, expectedSeveral]);
  });

  test('also in one that tells more numbers apart', () => {
    const polish = pluralOf('pl');
    const forms = { one: 'urządzenie', few: 'urządzenia', other: 'urządzeń' };
    expect([1, 3, 5, 22].map((count) => polish(count, forms))).toEqual([
      'urządzenie',
      'urządzenia',
      'urządzeń',
      'urządzenia',
    ]);
  });
});
