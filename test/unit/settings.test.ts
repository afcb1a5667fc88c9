import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { startHost } from '../../local/host-process.ts';
import { portalSettings } from '../../shared/settings/portal-settings.ts';
import { BadSettings, readSettings } from '../../shared/settings/settings.ts';

const root = new URL('../..', import.meta.url);

const azure = {
  TABLES_ENDPOINT: 'https://example.table.core.windows.net',
  KEY_VAULT_URL: 'https://example.vault.azure.net',
  OIDC_DISCOVERY_URL: 'https://login.example.com/tenant/v2.0/.well-known/openid-configuration',
  TOKEN_ISSUER: 'https://sts.example.com/tenant/',
  TENANT_ID: '5e1f0a52-7c1d-4b0e-9d53-1f6f0c7a2b11',
  TOKEN_AUDIENCES: 'api://app-passwords, 00000000-0000-0000-0000-000000000001',
  TOKEN_CLIENTS: 'portal',
};

const local = {
  ...azure,
  VARIANT: 'local',
  TABLES_CONNECTION_STRING: 'TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;',
  KEY_VAULT_CERTIFICATE: 'certificate',
  KEY_VAULT_TOKEN: 'token',
  OIDC_DISCOVERY_URL: 'http://127.0.0.1:7072/.well-known/openid-configuration',
  TOKEN_ISSUER: 'http://127.0.0.1:7072',
};

const insights = {
  APPLICATIONINSIGHTS_CONNECTION_STRING:
    'InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://in.example.com/',
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING:
    'ClientId=00000000-0000-0000-0000-000000000001;Authorization=AAD',
};

function complaint(environment: Record<string, string | undefined>): string {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof BadSettings) return error.message;
  }
  return 'accepted';
}

describe('Settings', () => {
  test('are those of Azure by default, with defaults for what is usual', () => {
    expect(readSettings(azure)).toMatchObject({
      VARIANT: 'azure',
      TOKEN_AUDIENCES: ['api://app-passwords', '00000000-0000-0000-0000-000000000001'],
      TOKEN_SCOPE: 'AppPasswords.Manage',
      MFA_EVIDENCE: 'amr:mfa',
      APPLICATION_EVIDENCE: 'idtyp',
      SIGN_IN_MAX_AGE: 900,
      CLIENT_ADDRESS_DAYS: 90,
      USERNAME_CLAIM: 'upn',
      USERNAME_DOMAINS: [],
    });
  });

  test('take the mail address as a username only where a directory says it', () => {
    const GRAPH_URL = 'https://graph.example.com';
    expect(readSettings(azure)).toMatchObject({ USERNAME_MAIL: false });
    expect(readSettings({ ...azure, GRAPH_URL, USERNAME_MAIL: 'true' })).toMatchObject({
      USERNAME_MAIL: true,
    });
  });

  test('name domains, and what people type before a backslash', () => {
    const settings = readSettings({ ...azure, USERNAME_DOMAINS: 'Example.com, CORP=example.org' });
    expect(settings.USERNAME_DOMAINS).toEqual([
      { domain: 'example.com', alias: undefined },
      { domain: 'example.org', alias: 'corp' },
    ]);
  });

  test('name domains in either form, with or without what nobody sees', () => {
    const domains = ['xn--bcher-kva.example', 'BÜCHER.example', '\u200bbu\u0308cher.exam\u00adple\u00a0'];
    for (const domain of domains) {
      const given = { USERNAME_DOMAINS: `BOOKS=${domain},example.com`, USERNAME_DEFAULT_DOMAIN: domain };
      expect(readSettings({ ...azure, ...given })).toMatchObject({
        USERNAME_DOMAINS: [{ domain: 'xn--bcher-kva.example', alias: 'books' }, { domain: 'example.com' }],
        USERNAME_DEFAULT_DOMAIN: 'xn--bcher-kva.example',
      });
    }
  });

  test('of the variant local must name it, and take plain http', () => {
    expect(readSettings(local)).toMatchObject({ VARIANT: 'local', TOKEN_ISSUER: 'http://127.0.0.1:7072' });
    expect(complaint({ ...local, VARIANT: undefined })).toContain(
      'TOKEN_ISSUER: expects the https:// URL in the iss claim',
    );
  });

  test.each(['WEBSITE_SITE_NAME', 'IDENTITY_ENDPOINT'])(
    'of the variant local are refused in Azure (%s)',
    (name) => {
      expect(complaint({ ...local, [name]: 'something' })).toContain('does not start in Azure');
    },
  );

  test.each([
    ['TABLES_ENDPOINT', 'http://example.table.core.windows.net', 'https'],
    ['TABLES_ENDPOINT', '', 'https'],
    ['KEY_VAULT_URL', 'nonsense', 'https'],
    ['OIDC_DISCOVERY_URL', 'http://login.example.com', 'https'],
    ['TOKEN_ISSUER', 'http://login.example.com', 'https'],
    ['TENANT_ID', undefined, 'tid'],
    ['TOKEN_AUDIENCES', ',', 'separated by commas'],
    ['TOKEN_CLIENTS', 'portal,,other', 'separated by commas'],
    ['MFA_EVIDENCE', 'amr:pwd', 'amr:mfa, or acrs:'],
    ['MFA_EVIDENCE', 'acrs:"', 'amr:mfa, or acrs:'],
    ['APPLICATION_EVIDENCE', 'oid', 'idtyp (Entra ID), or sub'],
    ['SIGN_IN_MAX_AGE', '0', '60 to 86400'],
    ['SIGN_IN_MAX_AGE', 'soon', '60 to 86400'],
    ['CLIENT_ADDRESS_DAYS', '-1', '0 to 3650'],
    ['USERNAME_DOMAINS', 'example', 'domains'],
    ['USERNAME_DOMAINS', 'b\u00fccher', 'domains'],
    ['USERNAME_DOMAINS', 'b\u00fccher.example/x', 'domains'],
    ['USERNAME_DOMAINS', 'b\u00fccher.ex%61mple', 'domains'],
    ['USERNAME_DOMAINS', '\ud800.example', 'domains'],
    ['USERNAME_DOMAINS', '\u200b', 'domains'],
    ['USERNAME_DOMAINS', 'example.com example.org', 'domains'],
    ['USERNAME_DEFAULT_DOMAIN', 'b\u00fccher', 'domain'],
    ['USERNAME_DOMAINS', '=example.com', 'domains'],
    ['USERNAME_DOMAINS', 'a=b=example.com', 'domains'],
    ['USERNAME_DEFAULT_DOMAIN', 'ex ample.com', 'domain'],
    [
      'APPLICATIONINSIGHTS_CONNECTION_STRING',
      'IngestionEndpoint=https://in.example.com',
      'InstrumentationKey=',
    ],
    ['APPLICATIONINSIGHTS_CONNECTION_STRING', 'InstrumentationKey=key', 'InstrumentationKey='],
    ['APPLICATIONINSIGHTS_AUTHENTICATION_STRING', 'ClientId=key', 'Authorization=AAD'],
    ['GRAPH_URL', 'http://graph.example.com', 'https'],
    ['USERNAME_MAIL', 'yes', 'needs GRAPH_URL'],
    ['USERNAME_MAIL', 'true', 'needs GRAPH_URL'],
    ['PORTAL_MAIL_SERVERS', 'IMAP=mail.example.com:1993', 'needs /tls or /starttls'],
    ['PORTAL_MAIL_SERVERS', 'IMAP=mail.example.com,', 'separated by commas'],
    ['PORTAL_LINKS', 'work=there', 'here'],
    ['PORTAL_LINKS', 'lost=here', 'factorLost'],
    ['PORTAL_ORGANIZATION', 'x'.repeat(65), 'at most 64'],
    ['PORTAL_ORGANIZATION', 'a\nb', 'at most 64'],
    ['PORTAL_SUPPORT', 'javascript:alert(1)', 'mailto:'],
    ['PORTAL_SUPPORT', 'mailto:', 'mailto:'],
    ['PORTAL_SUPPORT', 'helpdesk@example.com', 'mailto:'],
    ['PORTAL_LOGO', 'logo.gif', 'png'],
    ['PORTAL_LOGO', '../logo.png', 'branding'],
    ['PORTAL_LOGO', '.png', 'branding'],
    ['PORTAL_PROFILE_CERTIFICATE', 'https://vault.example.com/secrets/a', 'Key Vault'],
    ['VARIANT', 'test', 'azure (the default) or local'],
  ])('say which one is bad and what it expects: %s=%s', (name, value, expected) => {
    const message = complaint({ ...azure, [name]: value });
    expect(message).toContain(`${name}: expects`);
    expect(message).toContain(expected);
  });

  test.each(Object.keys(azure))(
    'never repeat a value, as it may be a secret that was put in the wrong place (%s)',
    (name) => {
      const secret = 'AccountKey="c2VjcmV0"';
      expect(complaint({ ...azure, SIGN_IN_MAX_AGE: secret, [name]: secret })).not.toContain('c2VjcmV0');
    },
  );

  test.each([
    ['here', 'here'],
    ['https://example.com/?a=b', 'https://example.com/?a=b'],
  ])('send people to another page, or keep them on this one: %s', (value, expected) => {
    const { links } = portalSettings(
      readSettings({ ...azure, PORTAL_LINKS: `factor=${value}, factorLost=${value}` }),
    );
    expect(links).toEqual({
      personal: 'https://account.live.com/proofs/AppPassword',
      work: 'here',
      azure: 'here',
      unsure: 'here',
      factor: expected,
      authenticator: 'https://www.microsoft.com/security/mobile-authenticator-app',
      factorLost: expected,
    });
  });

  test('say whose page it is, and where people get help', () => {
    const said = {
      PORTAL_ORGANIZATION: ' Bücher & Söhne ',
      PORTAL_SUPPORT: 'tel:+31201234567',
      PORTAL_LOGO: 'logo.svg',
    };
    const nothing = { organization: null, support: null, logo: null, profile: null, mailServers: [] };
    expect(portalSettings(readSettings(azure))).toMatchObject({ ...nothing, links: { factorLost: null } });
    expect(portalSettings(readSettings({ ...azure, ...said }))).toMatchObject({
      organization: 'Bücher & Söhne',
      support: 'tel:+31201234567',
      logo: '/assets/logo.svg',
    });
  });

  test.each<[string, object | null]>([
    ['IMAP=mail.example.com,SMTP=mail.example.com', {}],
    ['POP3=mail.example.com,SMTP=mail.example.com', {}],
    ['ActiveSync=mail.example.com', {}],
    ['CalDAV=dav.example.com', {}],
    ['CardDAV=dav.example.com', {}],
    ['IMAP=mail.example.com', null],
    ['SMTP=mail.example.com,Sieve=mail.example.com,VPN=vpn.example.com', null],
  ])('have a profile for Apple’s devices where there is something to set up: %s', (servers, expected) => {
    const profileOf = (more: object) =>
      portalSettings(readSettings({ ...azure, PORTAL_MAIL_SERVERS: servers, ...more })).profile;
    const profile = (isSigned: boolean) => expected && { path: '/mail.mobileconfig', isSigned };
    expect(profileOf({})).toEqual(profile(false));
    expect(profileOf({ PORTAL_PROFILE_CERTIFICATE: 'profile-certificate' })).toEqual(profile(true));
  });

  test('that are bad stop the start of the app', async () => {
    const start = startHost(root.pathname, { ...local, TENANT_ID: '' }, { main: 'shared/start.ts' });
    await expect(start).rejects.toThrow('TENANT_ID: expects the id of the tenant');
  });

  test('in local.settings.sample.json are complete and accepted, and none is unknown', () => {
    const { Values } = JSON.parse(readFileSync(new URL('local.settings.sample.json', root), 'utf8'));
    const { FUNCTIONS_WORKER_RUNTIME, AzureWebJobsStorage, AzureWebJobsDisableHomepage, ...ours } = Values;
    expect([FUNCTIONS_WORKER_RUNTIME, AzureWebJobsDisableHomepage]).toEqual(['node', 'true']);
    expect(AzureWebJobsStorage).toContain('BlobEndpoint');
    // Those that are empty, as there is nothing to name on a machine like that.
    const graph = {
      GRAPH_URL: 'https://127.0.0.1:7074',
      GRAPH_CERTIFICATE: 'certificate',
      GRAPH_TOKEN: 'token',
    };
    const files = { PORTAL_LOGO: 'logo.svg', PORTAL_PROFILE_CERTIFICATE: 'profile-certificate' };
    const settings = readSettings({ ...ours, ...insights, ...graph, ...files });
    expect(Object.keys(settings).sort()).toEqual(Object.keys(ours).sort());
  });
});
