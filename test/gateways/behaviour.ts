import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { root } from '../../local/stack-file.ts';
import { http } from './clients.ts';
import { servesDevices } from './device-day.ts';
import { type Guarded, guardsCalendars, guardsIdentity } from './identity-headers.ts';
import type { Lab } from './lab.ts';
import { run } from './program.ts';
import type { Protected } from './protected.ts';

/** What every gateway must do, and the words that this one has for it. */
export interface Behaviour {
  /** The folder of `gateways/`, and the section of its page. */
  readonly name: string;
  /** What tells this row of the page's table from others of the same gateway. */
  readonly over?: string;
  readonly version: string | undefined;
  readonly lab: () => Lab;
  /** A sign-in of a real program; what the gateway said to it. */
  readonly signIn: (username: string, password: string) => Promise<string>;
  readonly welcome: string;
  readonly refusal: string;
  /** What it says while nobody can tell; the refusal itself, for a program without such a word. */
  readonly later: string;
  /** The same where the service does not answer at all, if that is something else. */
  readonly hung?: string;
  /** What alice may type for her name. */
  readonly names: readonly string[];
  /** What it says to alice's app password under a name that she pasted: her name to the service, another one to a program. */
  readonly pasted?: 'welcome' | 'refusal';
  /** Names that this program does not hand on, as its section says. */
  readonly cannot?: readonly string[];
  /** What the service hears of the sign-in, beside the gateway's name. */
  readonly origin: { readonly protocol: string; readonly clientAddress: string | null };
}

/** A username with as long a local part as there may be (RFC 5321 section 4.5.3.1.1). */
export const longest = `${'a'.repeat(64)}@example.com`;

/** Usernames that Entra ID and others give to people, beside plain ones. */
export const unusual = [
  ..."o'brien a!b a#b a^b a~b a+b a+2bc a.b-c_d a&b a=b a%b a/b a$b a`b a{b}|c a*b?c".split(' '),
]
  .map((local) => `${local}@example.com`)
  .concat(longest);

/** What means alice where the program goes on with the name that the service answers. */
export const pasted = [
  ...['alice\u200b@example.com', '\u00a0alice@example.com\u00a0', '\\alice@example.com'],
  ...['EXAMPLE\\alice@example.com', 'example.com\\alice', 'alice@example\u3002com'],
];

/** Within this time, in ms, a gateway has given up a service that does not answer, and said so. */
const patience = 15_000;

/** The tests that are the same for every gateway; they also hold its row in the table of `gateways/README.md`. */
export function behavesAsGateway(behaviour: Behaviour): void {
  const { name, over, lab, signIn, welcome, refusal, later, hung = later, names, origin } = behaviour;
  const { cannot = [], pasted: toPasted } = behaviour;

  describe(over === undefined ? name : `${name}, ${over},`, () => {
    test('lets the right app password in, however the name is typed, and two of one person in turn', async () => {
      const { username, secrets } = lab();
      for (const typed of names) expect(await signIn(typed, secrets.first)).toBe(welcome);
      for (const password of [secrets.second, secrets.first, secrets.second])
        expect(await signIn(username, password)).toBe(welcome);
    });

    test.each(unusual.filter((name) => !cannot.includes(name)))('lets %s in', async (name) => {
      const { named, secrets } = lab();
      await named(name, async (username) => {
        const typed = names.length === 1 ? [username] : [username, username.toUpperCase()];
        for (const one of typed) expect(await signIn(one, secrets.first)).toBe(welcome);
      });
    });

    if (toPasted !== undefined) {
      test.each(pasted)(`has a ${toPasted} for %j, and a refusal with a wrong password`, async (typed) => {
        const { secrets } = lab();
        expect(await signIn(typed, secrets.first)).toBe(behaviour[toPasted]);
        expect(await signIn(typed, secrets.gone)).toBe(refusal);
      });
    }

    test('refuses a wrong, a deleted and the account’s own password', async () => {
      const { username, secrets, accountPassword } = lab();
      for (const password of ['aaaa-bbbb-cccc-dddd-eeee', secrets.gone, accountPassword])
        expect(await signIn(username, password)).toBe(refusal);
    });

    test('refuses a password from the very next sign-in after it was deleted', async () => {
      const { username, create, remove } = lab();
      const { id, password } = await create();
      expect(await signIn(username, password)).toBe(welcome);
      await remove(id);
      expect(await signIn(username, password)).toBe(refusal);
    });

    test('tells the service the protocol and the address', async () => {
      const { username, create, lastAccepted } = lab();
      const { password } = await create();
      await signIn(username, password);
      await vi.waitFor(() => expect(lastAccepted()).toMatchObject({ gateway: name, ...origin }));
    });

    const says = later === refusal ? 'has no word for "later", and refuses,' : 'says "later"';

    test(`${says} while storage is away, and is right again by itself`, async () => {
      const { username, secrets, storage } = lab();
      storage('away');
      const heard = await signIn(username, secrets.first).finally(() => storage('pass'));
      expect(heard).toBe(later);
      await vi.waitFor(async () => expect(await signIn(username, secrets.first)).toBe(welcome), 10_000);
    });

    test(`${says} when its own key is not known`, async () => {
      const { username, secrets, answers } = lab();
      answers('unknown-key');
      const heard = await signIn(username, secrets.first).finally(() => answers('pass'));
      expect(heard).toBe(later);
    });

    test.each([
      ['is stopped, or lets nobody in from here', 'stopped'],
      ['did not load', 'not-loaded'],
      ['lost its worker', 'died'],
    ] as const)(`${says} when the service %s`, async (_why, mode) => {
      const { username, secrets, answers } = lab();
      answers(mode);
      const heard = await signIn(username, secrets.first).finally(() => answers('pass'));
      expect(heard).toBe(later);
    });

    test(`${says} in time when the service does not answer`, { timeout: patience }, async () => {
      const { username, secrets, answers } = lab();
      answers('hang');
      const heard = await signIn(username, secrets.first).finally(() => answers('pass'));
      expect(heard).toBe(hung);
    });

    test('is in the table of the gateways’ page with these words', () => {
      const cells = [
        `[${name}](#${name}) ${behaviour.version}${over === undefined ? '' : `, ${over}`}`,
        ...[refusal, later, hung].map((words) => `\`${words}\``),
      ];
      const rows = readFileSync(join(root, 'gateways/README.md'), 'utf8').split('\n');
      expect(rows.filter((row) => row.startsWith(`| [${name}]`))).toContain(`| ${cells.join(' | ')} |`);
    });
  });
}

/** What a client may add to wrong credentials, to be taken for somebody else. */
const additions: Readonly<
  Record<string, (right: { username: string; password: string }) => { query?: string; args?: string[] }>
> = {
  headers: ({ username, password }) => ({
    args: ['-H', `Auth-User: ${username}`, '-H', `Auth-Pass: ${password}`],
  }),
  'a JSON body': (right) => ({ args: ['--json', JSON.stringify(right)] }),
  'a form': (right) => ({ args: ['--data', `${new URLSearchParams(right)}`] }),
  'the query': (right) => ({ query: `?${new URLSearchParams(right)}` }),
  'a gateway key': () => ({ args: ['-H', 'x-gateway-key: something'] }),
};

/** A gateway that passes the HTTP requests of ActiveSync on to what it protects. */
type HttpBehaviour = Pick<Behaviour, 'name' | 'version' | 'lab'> &
  Partial<Pick<Behaviour, 'later' | 'hung' | 'names' | 'cannot' | 'pasted'>> &
  Pick<Guarded, 'handsTrailers'> & {
    readonly address: () => string;
    readonly behind: () => Protected;
    /** Where Radicale listens, to which the gateway passes the requests for a calendar on. */
    readonly radicale: () => string;
  };

/** The tests of such a gateway; what it protects answers with what reaches it. */
export function protectsHttp({
  address,
  behind,
  radicale,
  handsTrailers,
  ...behaviour
}: HttpBehaviour): void {
  const { lab } = behaviour;
  const names = behaviour.names ?? ['alice@example.com', 'alice', 'ALICE@Example.com', 'EXAMPLE\\alice'];
  behavesAsGateway({
    signIn: async (username, password) => (await http(username, password, address())).said,
    welcome: '200',
    refusal: '401 with the challenge',
    later: '503 with Retry-After',
    origin: { protocol: 'eas', clientAddress: '127.0.0.1' },
    ...behaviour,
    names,
  });
  describe(`${behaviour.name} in front of ActiveSync`, () => {
    resistsAdditions(lab, address, behind, names.at(-1) ?? '');
    guardsIdentity({ lab, address, behind, ...(handsTrailers && { handsTrailers }) });
    guardsCalendars(lab, () => new URL(address()).origin, radicale);
  });
  servesDevices({ lab, address, behind });
}

/** @param typed what alice types for her name */
function resistsAdditions(
  lab: () => Lab,
  address: () => string,
  behind: () => Protected,
  typed: string,
): void {
  test.each(Object.entries(additions))('is not talked into a sign-in by %s', async (_name, added) => {
    const { username, secrets } = lab();
    const { query = '', args } = added({ username, password: secrets.first });
    const { said } = await http('bob@example.com', 'aaaa-bbbb-cccc-dddd-eeee', address() + query, args);
    expect(said).toMatch(/^(401|400)/);
  });

  test('tells its own protocol and the client’s address, whatever the client says of them', async () => {
    const { username, create, lastAccepted } = lab();
    const { password } = await create();
    const claims = [
      ...['X-Protocol: imap', 'X-Client-Address: 192.0.2.1', 'X-Forwarded-For: 192.0.2.2'],
      ...['X-Dovecot-Auth-Service: imap', 'X-Dovecot-Auth-Remote: 192.0.2.3:1'],
    ];
    const args = claims.flatMap((claim) => ['-H', claim]);
    expect((await http(username, password, address(), args)).said).toBe('200');
    await vi.waitFor(() =>
      expect(lastAccepted()).toMatchObject({ protocol: 'eas', clientAddress: '127.0.0.1' }),
    );
  });

  test('lets an app password for another protocol in by no claim of the client', async () => {
    const { username, create } = lab();
    const [mail, sync] = [await create(['imap']), await create(['eas', 'imap'])];
    for (const args of [[], ['-H', 'X-Protocol: imap'], ['-H', 'X-Dovecot-Auth-Service: imap']])
      expect((await http(username, mail.password, address(), args)).said).toMatch(/^401/);
    expect((await http(username, sync.password, address())).said).toBe('200');
  });

  test('hands the device’s own request on, however the name was typed', async () => {
    const { secrets } = lab();
    const type = 'application/vnd.ms-sync.wbxml';
    behind().arrived();
    await http(typed, secrets.first, address(), ['--data-binary', 'wbxml', '-H', `Content-Type: ${type}`]);
    const [arrived] = behind().arrived();
    expect(arrived).toMatchObject({ method: 'POST', bytes: 5 });
    const types = arrived?.lines.filter(([name]) => name.toLowerCase() === 'content-type');
    expect(types?.map(([, value]) => value)).toEqual([type]);
  });

  test('asks for a password with the challenge', async () => {
    const { output } = await run('curl', ['-si', '-X', 'OPTIONS', address()]);
    expect(output).toMatch(/^HTTP\/1.1 401[\s\S]*www-authenticate: Basic/i);
  });
}

/** The first two numbers of a package's version: Debian mends programs without changing those. */
export function versionOf(debianPackage: string): string | undefined {
  const status = execFileSync('dpkg', ['--status', debianPackage], { encoding: 'utf8' });
  return /^Version: (?:\d+:)?(\d+\.\d+)/m.exec(status)?.[1];
}
