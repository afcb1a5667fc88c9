import { describe, expect, test } from 'vitest';
import { parseMailServer } from '../../shared/settings/mail-servers.ts';

describe('An entry of PORTAL_MAIL_SERVERS', () => {
  test.each<[string, string, string, number | null, string | null]>([
    ['IMAP=mail.example.com', 'imap', 'mail.example.com', 993, 'tls'],
    ['IMAP=mail.example.com:993', 'imap', 'mail.example.com', 993, 'tls'],
    ['IMAP=mail.example.com:143', 'imap', 'mail.example.com', 143, 'starttls'],
    ['IMAP=mail.example.com/starttls', 'imap', 'mail.example.com', 143, 'starttls'],
    ['IMAP=mail.example.com:1993/tls', 'imap', 'mail.example.com', 1993, 'tls'],
    ['IMAP=mail.example.com:143/TLS', 'imap', 'mail.example.com', 143, 'tls'],
    ['POP3=mail.example.com', 'pop3', 'mail.example.com', 995, 'tls'],
    ['POP3=mail.example.com:110', 'pop3', 'mail.example.com', 110, 'starttls'],
    ['SMTP=mail.example.com', 'smtp', 'mail.example.com', 465, 'tls'],
    ['SMTP=mail.example.com:587', 'smtp', 'mail.example.com', 587, 'starttls'],
    ['SMTP=192.0.2.1:465', 'smtp', '192.0.2.1', 465, 'tls'],
    ['Sieve=mail.example.com', 'sieve', 'mail.example.com', 4190, 'starttls'],
    ['ActiveSync=mail.example.com', 'activesync', 'mail.example.com', null, null],
    ['CalDAV=dav.example.com', 'caldav', 'dav.example.com', null, null],
    [
      'CalDAV=https://dav.example.com:8443/cal/?a=b',
      'caldav',
      'https://dav.example.com:8443/cal/?a=b',
      null,
      null,
    ],
    ['CardDAV=HTTPS://dav.example.com/', 'carddav', 'HTTPS://dav.example.com/', null, null],
    ['IMAP=Bücher.example', 'imap', 'xn--bcher-kva.example', 993, 'tls'],
    ['VPN=vpn.example.com:1194 (UDP)', 'other', 'vpn.example.com:1194 (UDP)', null, null],
    ['IMAP 2=anything at all', 'other', 'anything at all', null, null],
  ])('%s', (entry, protocol, host, port, security) => {
    const [name] = entry.split('=');
    expect(parseMailServer(entry)).toEqual({ protocol, name, host, port, security });
  });

  test.each(['imap', 'Imap', ' IMAP '])(
    'knows a protocol without case, and shows it as it is: %s',
    (name) => {
      const server = {
        protocol: 'imap',
        name: name.trim(),
        host: 'mail.example.com',
        port: 993,
        security: 'tls',
      };
      expect(parseMailServer(`${name}= mail.example.com `)).toEqual(server);
    },
  );

  test.each([
    '',
    'IMAP',
    'IMAP=',
    '=mail.example.com',
    ' =mail.example.com',
    'IMAP=:993',
    'IMAP=mail.example.com:',
    'IMAP=mail.example.com:0/tls',
    'IMAP=mail.example.com:65536/tls',
    'IMAP=mail.example.com:x',
    'IMAP=mail.example.com:1993',
    'IMAP=mail.example.com:465',
    'IMAP=mail.example.com:993/ssl',
    'IMAP=mail.example.com/',
    'IMAP=mail example.com',
    'IMAP=imaps://mail.example.com',
    'SMTP=mail.example.com:25',
    'Sieve=mail.example.com/tls',
    'ActiveSync=mail.example.com:443',
    'ActiveSync=https://mail.example.com',
    'CalDAV=http://dav.example.com',
    'CalDAV=https://',
    'CalDAV=https://alice:secret@dav.example.com',
    'CalDAV=https://dav.example.com/#a',
    'CalDAV=dav.example.com/path',
    'CardDAV=dav.example.com:8443',
  ])('that does not say where a device goes is none: "%s"', (entry) => {
    expect(parseMailServer(entry)).toBeUndefined();
  });
});
