import askHidden from '@inquirer/password';
import { formatPassword, generatePassword } from '../shared/domain/app-password/password.ts';
import { systemRandom } from '../shared/runtime/system.ts';
import type { Declare, Invocation } from './command.ts';
import { Refused } from './refused.ts';

/** How long, in milliseconds, an answer may take: some gateways give up after four seconds. */
const deadline = 3_000;
const timedAnswers = 9;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The problem's slug (RFC 9457), or the error of a grant (RFC 6749); undefined where the body says neither. */
  readonly error: string | undefined;
  readonly milliseconds: number;
}

/** What one check came to: a text for a good end, or what is wrong and how it is mended. */
type Outcome = { readonly good: string } | { readonly bad: string };

export const gatewayCheck: Declare = (command, invocation) => {
  command
    .description(
      `Asks a running deployment as a gateway does, and says what to mend. It changes nothing.
The gateway's key and an app password of USERNAME come from GATEWAY_KEY and APP_PASSWORD, or are asked for.`,
    )
    .requiredOption('--url <URL>', 'where the deployment is, as in https://…')
    .requiredOption('--user <USERNAME>', 'whose app password it is')
    .action(({ url, user }: { url: string; user: string }) => checkAll(invocation, originOf(url), user));
};

async function checkAll({ env, print }: Invocation, origin: string, username: string): Promise<void> {
  const key = env.GATEWAY_KEY ?? (await askHidden({ message: 'Gateway key:' }));
  const password = env.APP_PASSWORD ?? (await askHidden({ message: 'App password:' }));
  let failed = 0;
  for (const [name, check] of checksOf(origin, key, { username, password })) {
    const outcome = await check();
    print('good' in outcome ? `ok    ${name}: ${outcome.good}` : `FAIL  ${name}: ${outcome.bad}`);
    if ('bad' in outcome) failed++;
    // Without right credentials the other answers say nothing.
    if (failed > 0 && name === 'right credentials') break;
  }
  if (failed > 0) throw new Refused('Not everything is as it should be: see above.');
}

function originOf(url: string): string {
  if (!URL.canParse(url)) throw new Refused('--url takes the address of the service, as in https://….');
  const { protocol, hostname, origin } = new URL(url);
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLocal))
    throw new Refused('--url must be an https:// address: passwords and the gateway key go over it.');
  return origin;
}

type Credentials = { readonly username: string; readonly password: string };

/** The checks in their order, each with a name. */
function checksOf(origin: string, key: string, right: Credentials): [string, () => Promise<Outcome>][] {
  const { username, password } = right;
  const wrong = { username, password: formatPassword(generatePassword(systemRandom)) };
  const own = { 'x-gateway-key': key };
  const verify = (headers: Record<string, string>, init: RequestInit = {}, query = '') =>
    ask(`${origin}/api/verify${query}`, { ...init, headers: { ...own, ...headers } });
  const grant = ({ username, password }: Credentials) => {
    const fields = { grant_type: 'password', username, password, client_id: 'gateway', client_secret: key };
    return ask(`${origin}/api/verify/grant`, { method: 'POST', body: new URLSearchParams(fields) });
  };
  const json = (credentials: Credentials) => ({
    method: 'POST',
    body: JSON.stringify(credentials),
  });

  return [
    ['right credentials', async () => accepted(await verify(basic(right)))],
    ['wrong credentials', async () => challenged(await verify(basic(wrong)))],
    ['no credentials', async () => challenged(await verify({}))],
    [
      'headers of a client',
      async () =>
        notTalkedInto(await verify({ ...basic(wrong), 'auth-user': username, 'auth-pass': password })),
    ],
    [
      'query of a client',
      async () => {
        const query = `?${new URLSearchParams({ username: wrong.username, password: wrong.password })}`;
        return notTalkedInto(await verify(basic(right), {}, query));
      },
    ],
    [
      'body of a client',
      async () =>
        notTalkedInto(await verify({ ...basic(wrong), 'content-type': 'application/json' }, json(right))),
    ],
    [
      'wrong gateway key',
      async () => notBlamedOnThePerson(await verify({ ...basic(right), 'x-gateway-key': 'wrong' })),
    ],
    ['grant, right credentials', async () => grantedTo(await grant(right))],
    ['grant, wrong credentials', async () => grantRefused(await grant(wrong))],
    ['answer time', () => quick(() => verify(basic(right)))],
  ];
}

async function ask(url: string, init: RequestInit): Promise<Answer> {
  const since = performance.now();
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    const milliseconds = performance.now() - since;
    return { status: response.status, headers: response.headers, error: errorIn(text), milliseconds };
  } catch (error) {
    const { name, cause } = error as { name: string; cause?: { code?: string } };
    throw new Refused(
      `No answer from ${new URL(url).origin} (${cause?.code ?? name}): look at the address, its certificate and the way there.`,
    );
  }
}

function errorIn(text: string): string | undefined {
  try {
    const { type, error } = JSON.parse(text) as { type?: unknown; error?: unknown };
    if (typeof error === 'string') return error;
    return typeof type === 'string' ? type.split('/').at(-1) : undefined;
  } catch {
    return undefined;
  }
}

function basic({ username, password }: Credentials): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

function accepted({ status, headers, error, milliseconds }: Answer): Outcome {
  const name = headers.get('x-auth-user');
  if (status === 200 && name !== null) return { good: `accepted as ${name}, ${Math.round(milliseconds)} ms` };
  if (status === 200) return { bad: 'accepted without X-Auth-User: something in between drops headers.' };
  if (status === 401)
    return {
      bad: 'refused. Is it an app password of this person, and not yet deleted? Does the person sign in under this name? A name that is typed without its domain needs USERNAME_DEFAULT_DOMAIN.',
    };
  if (error === 'invalid-gateway-key')
    return {
      bad: 'the gateway key is not known. "npm run gateway -- list" shows the gateways; "add" makes a key.',
    };
  if (error === 'temporarily-unavailable')
    return { bad: 'storage or Key Vault is away, or there is no pepper yet: npm run pepper -- status' };
  return { bad: `answered ${status}. Is the service itself at this address, with nothing in front of it?` };
}

function challenged({ status, headers }: Answer): Outcome {
  if (status !== 401)
    return { bad: `answered ${status} instead of 401: something in front of the service answers for it.` };
  if (!/^basic /i.test(headers.get('www-authenticate') ?? ''))
    return {
      bad: 'refused without a Basic challenge, so that programs never ask for a password: something in between drops WWW-Authenticate.',
    };
  return { good: 'refused, with a challenge' };
}

function notTalkedInto({ status, error }: Answer): Outcome {
  if (status === 400 && error === 'ambiguous-credentials')
    return { good: 'second credentials are not believed' };
  if (status === 200)
    return { bad: 'a client that adds credentials of its own is let in. Do not go into service.' };
  return { bad: `answered ${status} instead of 400: something in front of the service changes requests.` };
}

function notBlamedOnThePerson({ status, headers }: Answer): Outcome {
  if (status === 503 && headers.has('retry-after')) return { good: 'a fault, and not a wrong password' };
  return {
    bad: `answered ${status} instead of 503: programs would ask everybody for a new password when a key ends. Is a function key asked for in front of the service?`,
  };
}

function grantedTo({ status, error }: Answer): Outcome {
  if (status === 200) return { good: 'accepted' };
  return { bad: `answered ${status} ${error ?? ''}: Dovecot would refuse everybody.` };
}

function grantRefused({ status, error }: Answer): Outcome {
  if (status === 400 && error === 'invalid_grant') return { good: 'refused' };
  return { bad: `answered ${status} ${error ?? ''} instead of 400 invalid_grant.` };
}

async function quick(request: () => Promise<Answer>): Promise<Outcome> {
  const times: number[] = [];
  for (let i = 0; i < timedAnswers; i++) times.push((await request()).milliseconds);
  times.sort((a, b) => a - b);
  const [median, slowest] = [times[Math.floor(timedAnswers / 2)] ?? 0, times.at(-1) ?? 0];
  const text = `${Math.round(median)} ms in the middle of ${timedAnswers}, ${Math.round(slowest)} ms at the most`;
  if (slowest <= deadline) return { good: text };
  return { bad: `${text}. Put the service nearer to the gateway, or keep an instance always ready.` };
}
