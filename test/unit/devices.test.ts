import decodeQR from 'qr/decode.js';
import { describe, expect, test } from 'vitest';
import { drawCode } from '../../portal/devices/qr-drawing.ts';
import { thunderbirdCodes } from '../../portal/devices/thunderbird.ts';
import { parseMailServer } from '../../shared/settings/mail-servers.ts';

const codesOf = (entries: readonly string[], username = 'alice@example.com') =>
  thunderbirdCodes(
    entries.map(parseMailServer).filter((server) => server !== undefined),
    username,
  );

describe('The code for Thunderbird for Android', () => {
  test('has the servers and whose mail it is, and no password', () => {
    const [code = '', ...more] = codesOf([
      'SMTP=smtp.example.com:587',
      'IMAP=imap.example.com',
      'IMAP=other.example.com',
    ]);
    expect(more).toEqual([]);
    const login = [1, 'alice@example.com'];
    expect(JSON.parse(code)).toEqual([
      1,
      [1, 1],
      [0, 'imap.example.com', 993, 3, ...login],
      [
        [
          [0, 'smtp.example.com', 587, 2, ...login],
          ['alice@example.com', 'alice@example.com'],
        ],
      ],
    ]);
  });

  test('takes POP3 where that comes first', () => {
    const [code = ''] = codesOf([
      'POP3=mail.example.com:110',
      'IMAP=mail.example.com',
      'SMTP=mail.example.com',
    ]);
    expect(JSON.parse(code)[2]).toEqual([1, 'mail.example.com', 110, 2, 1, 'alice@example.com']);
  });

  test.each<[string, string[], string]>([
    [
      'no server for mail that comes in',
      ['SMTP=mail.example.com', 'ActiveSync=mail.example.com'],
      'alice@example.com',
    ],
    ['no server for mail that goes out', ['IMAP=mail.example.com'], 'alice@example.com'],
    ['a username that is no mail address', ['IMAP=mail.example.com', 'SMTP=mail.example.com'], 'alice'],
    ['an address beyond ASCII', ['IMAP=mail.example.com', 'SMTP=mail.example.com'], 'älice@example.com'],
  ])('is not there with %s', (_what, entries, username) => {
    expect(codesOf(entries, username)).toEqual([]);
  });
});

test.each([
  'https://app-passwords.example.com/',
  codesOf(
    ['IMAP=imap.example.com', 'SMTP=smtp.example.com'],
    `${'a'.repeat(64)}@${'b'.repeat(63)}.example.com`,
  )[0] ?? '',
])('A QR code is drawn as a camera reads it: %s', async (text) => {
  const { size, path } = await drawCode(text);
  // White around it, and dark from the corner on.
  expect(path).toMatch(/^M4 4h/);
  const scale = 4;
  const side = size * scale;
  const data = new Uint8Array(side * side * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let row = 0; row < scale; row++) {
      const start = 4 * ((Number(y) * scale + row) * side + Number(x) * scale);
      data.fill(0, start, start + 4 * scale);
    }
  }
  for (let pixel = 3; pixel < data.length; pixel += 4) data[pixel] = 255;
  expect(decodeQR({ width: side, height: side, data })).toBe(text);
});
