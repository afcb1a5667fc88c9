import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOMParser } from '@xmldom/xmldom';
import * as plist from 'plist';
import { generate } from 'selfsigned';
import { beforeEach, describe, expect, test } from 'vitest';
import { autoconfig } from '../../shared/http/autoconfig.ts';
import { configurationProfile } from '../../shared/http/configuration-profile.ts';
import { escapeXml } from '../../shared/http/xml.ts';
import { signerIn } from '../../shared/key-vault/profile-certificate.ts';
import { parseMailServer } from '../../shared/settings/mail-servers.ts';
import type { MailServer, PortalSettings } from '../../shared/settings/portal-settings.ts';
import { serveInstance } from '../../testing/memory/functions.ts';
import { type Instance, instanceIn, memoryWorld, type World } from '../../testing/memory/world.ts';

/** What cannot stand in XML as it is, and what can stand there in no way. */
const odd = `<b>"O'Neill" & Söhne]]>\u0007\u{1f600}`;
const kept = `<b>"O'Neill" & Söhne]]>\u{1f600}`;

const servers = (...entries: readonly string[]): MailServer[] =>
  entries.map((entry) => {
    const server = parseMailServer(entry);
    if (server === undefined) throw new Error(entry);
    return server;
  });
const mail = ['IMAP=mail.example.com', 'SMTP=mail.example.com:587'];

let world: World;
let instance: Instance;

beforeEach(async () => {
  world = await memoryWorld();
  instance = instanceIn(world);
});

/** Has an instance answer that describes these services. */
function serve(mailServers: readonly MailServer[], change: Partial<Instance['app']> = {}): string {
  const { app } = instance;
  const profile = { path: '/mail.mobileconfig', isSigned: change.signProfile !== undefined };
  const portal: PortalSettings = { ...app.portal, mailServers, profile: mailServers.length ? profile : null };
  const deviceSettings = { domains: ['example.com'], deployment: 'tenant api' };
  return serveInstance({ ...instance, app: { ...app, portal, deviceSettings, ...change } });
}

describe('The configuration profile', () => {
  const profileOf = (entries: readonly string[], organization: string | null = null, deployment = 'one') =>
    plist.parse(
      configurationProfile({ organization, mailServers: servers(...entries) }, deployment),
    ) as Record<string, unknown> & { PayloadContent: Record<string, unknown>[] };
  const typesOf = (...entries: readonly string[]) =>
    profileOf(entries).PayloadContent.map(({ PayloadType }) => PayloadType);

  test('sets up mail that comes in and goes out, and lets the device ask who it is', () => {
    const { PayloadContent, ...profile } = profileOf(mail, 'Example Organization');
    expect(profile).toMatchObject({
      PayloadType: 'Configuration',
      PayloadVersion: 1,
      PayloadDisplayName: 'Example Organization',
      PayloadOrganization: 'Example Organization',
      PayloadRemovalDisallowed: false,
    });
    expect(PayloadContent).toHaveLength(1);
    const { PayloadIdentifier, PayloadUUID, ...payload } = PayloadContent[0] ?? {};
    expect(payload).toEqual({
      PayloadType: 'com.apple.mail.managed',
      PayloadVersion: 1,
      PayloadDisplayName: 'Example Organization IMAP',
      EmailAccountDescription: 'Example Organization IMAP',
      EmailAccountType: 'EmailTypeIMAP',
      IncomingMailServerAuthentication: 'EmailAuthPassword',
      IncomingMailServerHostName: 'mail.example.com',
      IncomingMailServerPortNumber: 993,
      IncomingMailServerUseSSL: true,
      OutgoingMailServerAuthentication: 'EmailAuthPassword',
      OutgoingMailServerHostName: 'mail.example.com',
      OutgoingMailServerPortNumber: 587,
      OutgoingMailServerUseSSL: true,
      OutgoingPasswordSameAsIncomingPassword: true,
    });
  });

  test('sets up calendars and contacts by host or by address', () => {
    const { PayloadContent } = profileOf([
      'CalDAV=dav.example.com',
      'CardDAV=https://dav.example.com:8443/a?b=<',
    ]);
    expect(PayloadContent).toMatchObject([
      {
        PayloadType: 'com.apple.caldav.account',
        CalDAVAccountDescription: 'CalDAV',
        CalDAVHostName: 'dav.example.com',
        CalDAVPort: 443,
        CalDAVUseSSL: true,
      },
      {
        PayloadType: 'com.apple.carddav.account',
        CardDAVHostName: 'dav.example.com',
        CardDAVPort: 8443,
        CardDAVPrincipalURL: 'https://dav.example.com:8443/a?b=%3C',
      },
    ]);
    expect(PayloadContent[0]).not.toHaveProperty('CalDAVPrincipalURL');
  });

  test('sets up ActiveSync, which leaves calendars and contacts to servers of their own', () => {
    const exchange = (more: readonly string[]) =>
      profileOf(['ActiveSync=mail.example.com', ...more]).PayloadContent;
    expect(exchange([])).toMatchObject([
      {
        PayloadType: 'com.apple.eas.account',
        Host: 'mail.example.com',
        SSL: true,
        EnableCalendars: true,
        EnableContacts: true,
      },
    ]);
    expect(exchange(['CalDAV=dav.example.com'])).toMatchObject([
      { EnableCalendars: false, EnableContacts: true },
      { PayloadType: 'com.apple.caldav.account' },
    ]);
  });

  test.each<[string[], string[]]>([
    [['POP3=a.example', 'IMAP=b.example', 'SMTP=c.example'], ['com.apple.mail.managed']],
    [['IMAP=b.example', 'SMTP=c.example', 'ActiveSync=a.example'], ['com.apple.mail.managed']],
    [['ActiveSync=a.example', 'IMAP=b.example', 'SMTP=c.example'], ['com.apple.eas.account']],
    [['IMAP=b.example', 'ActiveSync=a.example'], ['com.apple.eas.account']],
    [['IMAP=b.example', 'Sieve=b.example', 'VPN=c.example'], []],
  ])('has mail once, from the server that is described first: %s', (entries, types) => {
    expect(typesOf(...entries)).toEqual(types);
  });

  test('takes POP3 where that comes first', () => {
    const { PayloadContent } = profileOf(['POP3=mail.example.com:110', 'SMTP=mail.example.com']);
    expect(PayloadContent).toMatchObject([
      { EmailAccountType: 'EmailTypePOP', IncomingMailServerPortNumber: 110 },
    ]);
  });

  test('replaces the one that this deployment gave before, and none of another one', () => {
    const idsOf = (deployment: string, entries = mail) => {
      const { PayloadContent, ...profile } = profileOf(entries, null, deployment);
      return [profile, ...PayloadContent].map((it) => `${it.PayloadIdentifier} ${it.PayloadUUID}`);
    };
    expect(idsOf('one', ['POP3=a.example', 'SMTP=b.example'])).toEqual(idsOf('one'));
    const all = [...idsOf('one'), ...idsOf('two')];
    expect(new Set(all).size).toBe(4);
    for (const id of all)
      expect(id).toMatch(/ [0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('takes any name', () => {
    const profile = profileOf([`CalDAV=dav.example.com`], odd);
    expect(profile).toMatchObject({
      PayloadOrganization: kept,
      PayloadContent: [{ PayloadDisplayName: `${kept} CalDAV` }],
    });
  });

  test('is a file to open, the same for everybody, and asked for again only where it changed', async () => {
    const origin = serve(servers(...mail));
    const answer = await fetch(`${origin}/mail.mobileconfig?alice@example.com`);
    const body = await answer.text();
    expect(body).not.toContain('alice');
    expect(plist.parse(body)).toMatchObject({ PayloadContent: [{ EmailAccountType: 'EmailTypeIMAP' }] });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/x-apple-aspen-config',
      'content-disposition': 'attachment; filename="mail.mobileconfig"',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    const etag = answer.headers.get('etag') ?? '';
    const again = await fetch(`${origin}/mail.mobileconfig`, { headers: { 'if-none-match': `W/${etag}` } });
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, '']);
    expect((await fetch(`${origin}/mail.mobileconfig`, { headers: { 'if-none-match': '"a"' } })).status).toBe(
      200,
    );
  });
});

describe('The settings for mail programs', () => {
  const read = (xml: string) =>
    new DOMParser({ onError: (_level, message) => expect.unreachable(message) }).parseFromString(
      xml,
      'text/xml',
    );
  const textsOf = (xml: string, element: string) =>
    [...read(xml).getElementsByTagName(element)].map(({ textContent }) => textContent);
  const made = (entries: readonly string[], organization: string | null = null, domains = ['example.com']) =>
    autoconfig({ organization, mailServers: servers(...entries) }, domains) ?? '';

  test('name each server, its kind of TLS, and in the place of somebody a placeholder', () => {
    const all = [
      ...mail,
      'POP3=mail.example.com',
      'CalDAV=dav.example.com',
      'CardDAV=https://dav.example.com/?a&b',
    ];
    const xml = made(all, null, ['example.com', 'example.org']);
    const { documentElement } = read(xml);
    expect(documentElement?.getAttribute('version')).toBe('1.2');
    expect(textsOf(xml, 'domain')).toEqual(['example.com', 'example.org']);
    const serversOf = (element: string) =>
      [...read(xml).getElementsByTagName(element)].map((server) => [
        server.getAttribute('type'),
        ...[...server.childNodes]
          .filter(({ nodeType }) => nodeType === 1)
          .map(({ textContent }) => textContent),
      ]);
    const login = ['password-cleartext', '%EMAILADDRESS%'];
    expect(serversOf('incomingServer')).toEqual([
      ['imap', 'mail.example.com', '993', 'SSL', ...login],
      ['pop3', 'mail.example.com', '995', 'SSL', ...login],
    ]);
    expect(serversOf('outgoingServer')).toEqual([['smtp', 'mail.example.com', '587', 'STARTTLS', ...login]]);
    expect(serversOf('addressbook')).toEqual([
      ['carddav', 'https://dav.example.com/?a&b', 'basic', '%EMAILADDRESS%'],
    ]);
    expect(serversOf('calendar')).toEqual([
      ['caldav', 'https://dav.example.com/', 'basic', '%EMAILADDRESS%'],
    ]);
  });

  test('take any name, cut to what a program shows', () => {
    const xml = made(mail, `${odd}${'x'.repeat(60)}`);
    expect(textsOf(xml, 'displayName')).toEqual([
      [...`${odd}${'x'.repeat(60)}`].slice(0, 60).join('').replace('\u0007', ''),
    ]);
    expect([...(textsOf(xml, 'displayShortName')[0] ?? '')].length).toBeLessThanOrEqual(20);
  });

  test.each(['/mail/config-v1.1.xml', '/.well-known/autoconfig/mail/config-v1.1.xml'])(
    'are at %s, the same whoever asks',
    async (path) => {
      const origin = serve(servers(...mail));
      const answer = await fetch(`${origin}${path}?emailaddress=alice%40example.com`);
      expect(answer.headers.get('content-type')).toBe('text/xml; charset=utf-8');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
      const body = await answer.text();
      expect(body).toBe(await (await fetch(`${origin}${path}?emailaddress=nobody@example.net`)).text());
      expect(body).not.toContain('alice');
      expect(textsOf(body, 'hostname')).toEqual(['mail.example.com', 'mail.example.com']);
    },
  );

  test.each<[string, readonly string[], string[]]>([
    ['no domain', mail, []],
    ['no server for mail that comes in', ['SMTP=mail.example.com'], ['example.com']],
    ['no server for mail that goes out', ['IMAP=mail.example.com'], ['example.com']],
  ])('are not there with %s', (_what, entries, domains) => {
    expect(made(entries, null, domains)).toBe('');
  });
});

test.each(['/mail.mobileconfig', '/mail/config-v1.1.xml', '/.well-known/autoconfig/mail/config-v1.1.xml'])(
  '%s is a 404 that says what to do where nothing is described',
  async (path) => {
    const answer = await fetch(`${serve([])}${path}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toMatchObject({ type: '/problems/no-device-settings', status: 404 });
  },
);

test('XML holds any text but what it cannot hold', () => {
  expect(escapeXml(`<a b="c">&'`)).toBe('&lt;a b=&quot;c&quot;&gt;&amp;&apos;');
  expect(escapeXml('\u0000\u000b\ufffe\ud800 \t\n\u{1f600}')).toBe(' \t\n\u{1f600}');
});

describe('A signed profile', () => {
  const name = 'profile-certificate';
  const failures: unknown[] = [];
  const signer = () =>
    signerIn(world.keyVault.vault, name, { clock: world.clock, failed: (error) => failures.push(error) });
  const put = (pem: string) => world.keyVault.vault.setSecret(name, pem);
  const signal = () => AbortSignal.timeout(2_000);

  /** What openssl says of CMS: the content, once the signature is right. */
  function verified(der: Uint8Array, authority: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'profile-'));
    try {
      writeFileSync(join(folder, 'profile'), der);
      writeFileSync(join(folder, 'authority'), authority);
      const files = ['-in', join(folder, 'profile'), '-CAfile', join(folder, 'authority')];
      const options = { encoding: 'utf8', stdio: 'pipe' } as const;
      return execFileSync(
        'openssl',
        ['cms', '-verify', '-binary', '-inform', 'DER', '-purpose', 'any', ...files],
        options,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test.each(['rsa', 'ec'] as const)('is what openssl verifies, with a key of %s', async (keyType) => {
    const authority = await certificate('Authority', { keyType });
    const own = await certificate('example.com', { keyType, ca: authority });
    await put(`${authority.cert}\n${own.private}\n${own.cert}`);
    const origin = serve(servers(...mail), { signProfile: signer() });
    const answer = await fetch(`${origin}/mail.mobileconfig`);
    expect(answer.headers.get('content-type')).toBe('application/x-apple-aspen-config');
    const der = new Uint8Array(await answer.arrayBuffer());
    const content = verified(der, authority.cert);
    expect(plist.parse(content)).toMatchObject({
      PayloadContent: [{ PayloadType: 'com.apple.mail.managed' }],
    });
    der.set([(der.at(-1) ?? 0) ^ 1], der.length - 1);
    expect(() => verified(der, authority.cert)).toThrow('failure');
    const etag = answer.headers.get('etag');
    expect((await fetch(`${origin}/mail.mobileconfig`)).headers.get('etag')).toBe(etag);
  });

  test('is signed anew with a new version of the secret', async () => {
    const [first, second] = [await certificate('first'), await certificate('second')];
    const sign = signer();
    await put(first.private + first.cert);
    const signed = await sign('content', signal());
    expect(verified(signed, first.cert)).toBe('content');
    world.clock.advance({ minutes: 16 });
    expect(await sign('content', signal())).toBe(signed);
    await put(second.private + second.cert);
    world.clock.advance({ minutes: 16 });
    expect(verified(await sign('content', signal()), second.cert)).toBe('content');
  });

  test.each<[string, () => Promise<string>]>([
    ['nothing', async () => 'nothing'],
    ['a certificate without its key', async () => (await certificate('a')).cert],
    [
      'a key without its certificate',
      async () => (await certificate('a')).private + (await certificate('b')).cert,
    ],
  ])('is a fault where the secret holds %s, and says so without it', async (_what, pem) => {
    failures.length = 0;
    await put(await pem());
    const answer = await fetch(`${serve(servers(...mail), { signProfile: signer() })}/mail.mobileconfig`);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([503, 'no-store']);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(`${failures}`).toContain(`the secret ${name} does not hold a certificate and its key in PEM`);
  });

  test('is a fault where Key Vault is away', async () => {
    world.keyVault.isAway = true;
    const answer = await fetch(`${serve(servers(...mail), { signProfile: signer() })}/mail.mobileconfig`);
    expect(answer.status).toBe(503);
  });
});

type Pems = Awaited<ReturnType<typeof generate>>;

function certificate(
  commonName: string,
  { keyType = 'ec', ca }: { readonly keyType?: 'rsa' | 'ec'; readonly ca?: Pems } = {},
): Promise<Pems> {
  const options = { keyType, ...(ca && { ca: { key: ca.private, cert: ca.cert } }) };
  const isAuthority = { name: 'basicConstraints', cA: ca === undefined, critical: true } as const;
  return generate([{ name: 'commonName', value: commonName }], { ...options, extensions: [isAuthority] });
}
