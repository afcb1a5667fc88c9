import type { MailServer } from '../../shared/settings/portal-settings.ts';

const [imap, pop3, smtp] = [0, 1, 0];
const security = { starttls: 2, tls: 3 };
const passwordCleartext = 1;

/**
 * What a QR code says by which Thunderbird for Android sets up somebody's mail, and asks for the password.
 *
 * @param username by which the person signs in; it has to be a mail address, as mail is sent from it
 * @returns the text of each code: one, or none where there is no mail to set up
 * @see Thunderbird "Export for Mobile" QR code format (version 1), in the repository of Thunderbird for Android
 */
export function thunderbirdCodes(mailServers: readonly MailServer[], username: string): string[] {
  const incoming = mailServers.find(({ protocol }) => protocol === 'imap' || protocol === 'pop3');
  const outgoing = mailServers.find(({ protocol }) => protocol === 'smtp');
  // Other addresses than those of ASCII are not read.
  if (incoming === undefined || outgoing === undefined || !/^[!-~]+@[!-~]+$/.test(username)) return [];
  const login = ({ host, port, security: kind }: MailServer) => [
    host,
    port,
    security[kind ?? 'tls'],
    passwordCleartext,
    username,
  ];
  const isOnly = [1, 1];
  const account = [
    [incoming.protocol === 'imap' ? imap : pop3, ...login(incoming)],
    [
      [
        [smtp, ...login(outgoing)],
        [username, username],
      ],
    ],
  ];
  return [JSON.stringify([1, isOnly, ...account])];
}
