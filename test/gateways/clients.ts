import { run } from './program.ts';

/** One request by curl, as a device sends it: what is said to it, and the body. */
export async function http(
  username: string,
  password: string,
  address: string,
  args: readonly string[] = [],
) {
  const { output } = await run('curl', [
    ...['-si', '--max-time', '25', '-u', `${username}:${password}`],
    ...args,
    address,
  ]);
  const [head = '', body = ''] = output.split('\r\n\r\n');
  return { said: saidIn(head), body };
}

/** What the head of an HTTP answer says to a program that signs in. */
export function saidIn(head: string): string {
  const status = head.split(' ')[1] ?? 'nothing';
  const challenge = /^www-authenticate: Basic realm=/im.test(head) ? ' with the challenge' : '';
  const retry = /^retry-after: \d/im.test(head) ? ' with Retry-After' : '';
  return `${status}${challenge}${retry}`;
}

/** A sign-in to IMAP by curl, that looks at the inbox: `OK`, or the server's refusal. */
export async function imap(username: string, password: string, port: number): Promise<string> {
  const said = await mail(username, password, `imap://127.0.0.1:${port}/`, ['-X', 'STATUS INBOX (MESSAGES)']);
  if (said.some((line) => line.startsWith('* STATUS INBOX'))) return 'OK';
  return words(said.find((line) => /^\w+ (NO|BAD)/.test(line))?.replace(/^\w+ /, ''));
}

/** A sign-in to POP3 by curl, that lists the mail: `+OK`, or the server's refusal. */
export async function pop3(username: string, password: string, port: number): Promise<string> {
  const said = await mail(username, password, `pop3://127.0.0.1:${port}/`, []);
  if (said.some((line) => line.startsWith('+OK Logged in'))) return '+OK';
  return words(said.find((line) => line.startsWith('-ERR')));
}

/** A mail submitted by swaks: `250`, or the server's refusal to the sign-in. */
export async function smtp(
  username: string,
  password: string,
  port: number,
  mechanism = 'PLAIN',
): Promise<string> {
  const { output } = await run('swaks', [
    ...['--server', `127.0.0.1:${port}`, '--timeout', '20', '--auth', mechanism],
    ...['--auth-user', username, '--auth-password', password],
    ...['--from', 'alice@example.com', '--to', 'bob@example.net'],
  ]);
  const said = output
    .split('\n')
    .filter((line) => /^<[-~*]/.test(line))
    .map((line) => line.slice(3).trim());
  const answer = said.findIndex((line) => /^(235|[45]\d\d)/.test(line));
  if (said[answer]?.startsWith('235'))
    return said.slice(answer).some((line) => /^250 .*(queued|taken|id=)/.test(line)) ? '250' : 'not taken';
  return words(said[answer]);
}

async function mail(username: string, password: string, address: string, args: readonly string[]) {
  const common = ['-sv', '--max-time', '25', '--login-options', 'AUTH=PLAIN'];
  const { output } = await run('curl', [...common, '-u', `${username}:${password}`, address, ...args]);
  return output
    .split('\n')
    .filter((line) => line.startsWith('< '))
    .map((line) => line.slice(2).trim());
}

/** Without what changes from one time to the next. */
function words(line = 'nothing'): string {
  return line.replace(/ \[[^\]]*:[^\]]*\]$/, '');
}
