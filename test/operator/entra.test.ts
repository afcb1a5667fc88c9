import { randomUUID } from 'node:crypto';
import { UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apply, check, plan, policy } from '../../operator/entra/commands.ts';
import { openGraph } from '../../operator/entra/graph.ts';
import { readDeploymentSettings } from '../../shared/settings/settings.ts';
import { type Disturbance, type Entra, startEntra, userReadAll } from '../../testing/entra.ts';
import { operator } from '../../testing/operator.ts';

const portalUrl = 'https://passwords.example.com';
const [apiName, portalName] = ['app-passwords-test-api', 'app-passwords-test-portal'];

let entra: Entra;
beforeEach(async () => {
  entra = await startEntra();
});
afterEach(() => entra.close());

type Environment = Record<string, string>;

const first = (): Environment => ({ ...entra.settings, AZURE_ENV_NAME: 'test' });
const complete = (): Environment => ({
  ...first(),
  PORTAL_URL: portalUrl,
  APP_PRINCIPAL_ID: entra.identity,
});

/** Runs a command in this process; the waits for replicas are short. */
async function run<T>(
  command: (graph: ReturnType<typeof openGraph>, settings: never, say: (line: string) => void) => Promise<T>,
  environment: Environment = complete(),
) {
  const settings = readDeploymentSettings(environment);
  const lines: string[] = [];
  const graph = openGraph(
    settings,
    () => {
      throw new Error('unused');
    },
    { delays: [10, 10, 10] },
  );
  const result = await command(graph, settings as never, (line) => lines.push(line));
  return { result, lines };
}

const refusal = (command: Parameters<typeof run>[0], environment?: Environment) =>
  run(command, environment).then(
    () => 'it was not refused',
    (error: Error) => `${error.name}: ${error.message}`,
  );

const isWrite = ({ method }: { method: string }) => method !== 'GET';

/** Disturbs the nth write from now on, counted from 1. */
function disturbWrite(nth: number, disturbance: Disturbance) {
  let count = 0;
  entra.disturb((request) => (isWrite(request) && ++count === nth ? disturbance : undefined));
}

const mfa = {
  operator: 'OR',
  builtInControls: ['mfa'],
  customAuthenticationFactors: [],
  termsOfUse: [],
  authenticationStrength: null,
};
const strength = (...allowedCombinations: string[]) => ({
  ...mfa,
  builtInControls: [],
  authenticationStrength: { id: randomUUID(), allowedCombinations },
});
const users = {
  includeUsers: ['All'],
  excludeUsers: [],
  includeGroups: [],
  excludeGroups: [],
  includeRoles: [],
  excludeRoles: [],
  includeGuestsOrExternalUsers: null,
  excludeGuestsOrExternalUsers: null,
};
const applications = {
  includeApplications: ['All'],
  excludeApplications: [],
  includeUserActions: [],
  includeAuthenticationContextClassReferences: [],
  applicationFilter: null,
};
const conditions = {
  userRiskLevels: [],
  signInRiskLevels: [],
  servicePrincipalRiskLevels: [],
  insiderRiskLevels: null,
  clientAppTypes: ['all'],
  platforms: null,
  locations: null,
  devices: null,
  clientApplications: null,
  authenticationFlows: null,
  users,
  applications,
};
const good = { id: randomUUID(), displayName: 'Factor', state: 'enabled', conditions, grantControls: mfa };
const context = (...includeAuthenticationContextClassReferences: string[]) => ({
  ...good,
  conditions: {
    ...conditions,
    applications: {
      ...applications,
      includeApplications: [],
      includeAuthenticationContextClassReferences,
    },
  },
});
const when = (more: object) => ({ ...good, conditions: { ...conditions, ...more } });
const granted = (grantControls: unknown) => ({ ...good, grantControls });

describe('apply', () => {
  test('registers API and portal for this tenant only, without any secret', async () => {
    const { result } = await run(apply);
    const [api, portal] = [entra.application(apiName), entra.application(portalName)];
    expect(result).toEqual({
      API_CLIENT_ID: api.appId,
      PORTAL_CLIENT_ID: portal.appId,
      MFA_EVIDENCE: 'amr:mfa',
    });
    const [scope] = api.api.oauth2PermissionScopes;
    expect(api).toMatchObject({
      signInAudience: 'AzureADMyOrg',
      identifierUris: [`api://${api.appId}`],
      api: {
        requestedAccessTokenVersion: 1,
        oauth2PermissionScopes: [{ value: 'AppPasswords.Manage', type: 'Admin', isEnabled: true }],
        preAuthorizedApplications: [{ appId: portal.appId, delegatedPermissionIds: [scope?.id] }],
      },
      appRoles: [
        { value: 'AppPasswords.Admin', allowedMemberTypes: ['User', 'Application'], isEnabled: true },
        { value: 'AppPasswords.Helpdesk', allowedMemberTypes: ['User'], isEnabled: true },
        { value: 'AppPasswords.User', allowedMemberTypes: ['User'], isEnabled: true },
      ],
    });
    expect(api.optionalClaims?.accessToken?.map(({ name }) => name)).toEqual([
      'auth_time',
      'acct',
      'idtyp',
      'upn',
    ]);
    expect(portal).toMatchObject({
      signInAudience: 'AzureADMyOrg',
      spa: { redirectUris: [`${portalUrl}/`] },
      web: {
        homePageUrl: `${portalUrl}/`,
        redirectUris: [],
        implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
      },
      requiredResourceAccess: [
        { resourceAppId: api.appId, resourceAccess: [{ id: scope?.id, type: 'Scope' }] },
      ],
    });
    expect(entra.principal(api.appId).tags).toEqual(['WindowsAzureActiveDirectoryIntegratedApp', 'HideApp']);
    expect(entra.principal(portal.appId).tags).toEqual(['WindowsAzureActiveDirectoryIntegratedApp']);
    expect(entra.grants).toMatchObject([
      {
        clientId: entra.principal(portal.appId).id,
        consentType: 'AllPrincipals',
        scope: 'openid profile',
      },
    ]);
    expect(entra.assignments).toMatchObject([{ principalId: entra.identity, appRoleId: userReadAll }]);
  });

  test('again writes nothing', async () => {
    await run(apply);
    const count = entra.writes().length;
    const { lines } = await run(apply);
    expect(lines).toEqual(['There is nothing to change.']);
    expect(entra.writes()).toHaveLength(count);
  });

  test('completes after the deployment what it could not do before', async () => {
    const before = await run(apply, first());
    expect(before.lines.filter((line) => line.includes('is not set'))).toHaveLength(2);
    const after = await run(apply);
    expect(after.lines).toEqual([
      `Portal: redirect URI ${portalUrl}/`,
      `Portal: home page ${portalUrl}/`,
      'App: its identity reads the directory (User.Read.All)',
    ]);
    expect(after.result).toEqual(before.result);
  });

  test('gives no access to the directory that is not followed', async () => {
    await run(apply, { ...complete(), FOLLOW_DIRECTORY: 'false' });
    expect(entra.assignments).toEqual([]);
  });

  test('makes a pair for each deployment', async () => {
    const { result } = await run(apply);
    const other = await run(apply, { ...complete(), AZURE_ENV_NAME: 'other' });
    expect(other.result.API_CLIENT_ID).not.toBe(result.API_CLIENT_ID);
    expect(entra.applications).toHaveLength(4);
  });

  test('keeps what the tenant has beyond it', async () => {
    await run(apply);
    const [api, portal] = [entra.application(apiName), entra.application(portalName)];
    const client = entra.addApplication('another-client');
    const [scope] = api.api.oauth2PermissionScopes;
    api.api.preAuthorizedApplications.unshift({
      appId: client.appId,
      delegatedPermissionIds: [scope?.id ?? ''],
    });
    api.identifierUris.unshift('https://example.com/app-passwords');
    portal.spa.redirectUris.unshift('https://custom.example.com/');
    api.optionalClaims = { accessToken: [{ name: 'email' }], idToken: [{ name: 'email' }] };
    Object.assign(api.appRoles[0] ?? {}, { description: 'Ours.' });
    portal.displayName = 'Passwords for devices';
    const kept = structuredClone({ api, portal });
    // Something of each kind is missing, so that each of it is written.
    api.api.preAuthorizedApplications.pop();
    api.identifierUris.pop();
    portal.spa.redirectUris.pop();
    Object.assign(entra.grants[0] ?? {}, { scope: 'User.Read openid' });
    const principal = entra.principal(api.appId);
    principal.tags = ['Ours', 'HideApp'];
    await run(apply);
    expect(api.api.preAuthorizedApplications).toEqual(kept.api.api.preAuthorizedApplications);
    expect(api.identifierUris).toEqual(kept.api.identifierUris);
    expect(api.appRoles).toEqual(kept.api.appRoles);
    expect(api.optionalClaims?.idToken).toEqual([{ name: 'email' }]);
    expect(api.optionalClaims?.accessToken?.map(({ name }) => name)).toEqual([
      'email',
      'auth_time',
      'acct',
      'idtyp',
      'upn',
    ]);
    expect(portal).toEqual(kept.portal);
    expect(entra.grants[0]?.scope).toBe('User.Read openid profile');
    expect(principal.tags).toEqual(['Ours', 'HideApp', 'WindowsAzureActiveDirectoryIntegratedApp']);
  });

  test('says and hardens what was loosened', async () => {
    await run(apply);
    const { applications } = entra.snapshot();
    const [api, portal] = [entra.application(apiName), entra.application(portalName)];
    api.signInAudience = 'AzureADMultipleOrgs';
    api.api.requestedAccessTokenVersion = 2;
    Object.assign(api.api.oauth2PermissionScopes[0] ?? {}, { type: 'User' });
    for (const role of api.appRoles.slice(1)) role.isEnabled = false;
    portal.web.implicitGrantSettings = { enableAccessTokenIssuance: true, enableIdTokenIssuance: false };
    const { lines } = await run(apply);
    expect(lines).toEqual([
      'API: accept accounts of this tenant only',
      'Portal: no implicit grant',
      'API: access tokens of version 1.0, which carry amr',
      'API: scope AppPasswords.Manage, to which only administrators consent',
      'API: app roles AppPasswords.Helpdesk, AppPasswords.User',
    ]);
    expect(entra.applications).toEqual(applications);
  });

  test('adds a role that the registration is from before, with an id that is everywhere the same', async () => {
    await run(apply);
    const api = entra.application(apiName);
    const { appRoles } = structuredClone(api);
    api.appRoles = api.appRoles.filter(({ value }) => value !== 'AppPasswords.Helpdesk');
    const { lines: planned } = await run(plan);
    const { lines } = await run(apply);
    expect([planned, lines]).toEqual([
      ['API: app roles AppPasswords.Helpdesk'],
      ['API: app roles AppPasswords.Helpdesk'],
    ]);
    expect(api.appRoles).toEqual(appRoles);
    expect(api.appRoles.map(({ value, id }) => [value, id])).toEqual([
      ['AppPasswords.Admin', '0c2f7d3a-6c7e-4b8e-8a39-51f6b2d0c9e2'],
      ['AppPasswords.Helpdesk', '9db8815e-5f39-45e3-bf3c-ea05f3894614'],
      ['AppPasswords.User', 'e1a4b6d8-92f5-4d07-b1c3-7f3e5a90d463'],
    ]);
    await run(apply, { ...complete(), AZURE_ENV_NAME: 'other' });
    expect(entra.application('app-passwords-other-api').appRoles).toEqual(appRoles);
  });

  test('takes a scope and a role that somebody made by hand', async () => {
    const api = entra.addApplication(apiName);
    const id = randomUUID();
    api.api.oauth2PermissionScopes.push({
      id,
      value: 'AppPasswords.Manage',
      type: 'Admin',
      isEnabled: true,
      adminConsentDisplayName: 'Ours',
      adminConsentDescription: 'Ours.',
    });
    await run(apply);
    expect(api.api.oauth2PermissionScopes).toHaveLength(1);
    expect(api.api.preAuthorizedApplications[0]?.delegatedPermissionIds).toEqual([id]);
  });

  test('waits for replicas that do not know yet what was made', async () => {
    entra.lagBehind(2);
    await run(apply);
    const count = entra.writes().length;
    await run(apply);
    expect(entra.writes()).toHaveLength(count);
  });

  test('interrupted at any write, before or after it was done, a second run ends in the same state', async () => {
    await run(apply);
    const [wanted, count] = [entra.snapshot(), entra.writes().length];
    expect(count).toBeGreaterThan(12);
    for (const disturbance of [{ status: 403 }, 'lost'] as const) {
      for (let nth = 1; nth <= count; nth++) {
        await entra.close();
        entra = await startEntra();
        disturbWrite(nth, disturbance);
        expect(await refusal(apply)).toContain('What is done stays');
        entra.disturb(() => undefined);
        await run(apply);
        expect(entra.snapshot(), `${JSON.stringify(disturbance)} at write ${nth}`).toEqual(wanted);
      }
    }
  });

  test('what was made between the reading and the writing is not made twice', async () => {
    // The client tries again by itself where it heard no answer, so it may meet what it made.
    for (const path of ['oauth2PermissionGrants', 'appRoleAssignments']) {
      await entra.close();
      entra = await startEntra();
      await run(apply);
      const wanted = entra.snapshot();
      const list = path === 'appRoleAssignments' ? entra.assignments : entra.grants;
      const [item] = list.splice(0);
      entra.disturb(({ method, path: asked }) => {
        if (method === 'POST' && asked.endsWith(path)) list.push(item as never);
        return undefined;
      });
      await run(apply);
      expect(entra.snapshot()).toEqual(wanted);
    }
  });
});

describe('what was deleted comes back', () => {
  const byId = (state: ReturnType<typeof entra.snapshot>) => ({
    ...state,
    applications: state.applications.toSorted((a, b) => a.id.localeCompare(b.id)),
    principals: state.principals.toSorted((a, b) => a.id.localeCompare(b.id)),
  });

  test('with the ids that it had, its roles and its grants, and nothing is made anew', async () => {
    const { result } = await run(apply);
    const wanted = byId(entra.snapshot());
    for (const name of [apiName, portalName]) entra.deleteApplication(name);
    const planned = await run(plan);
    const again = await run(apply);
    expect(again.result).toEqual(result);
    expect(byId(entra.snapshot())).toEqual(wanted);
    expect(again.lines).toEqual([
      'API: bring its registration back, which was deleted',
      'API: bring its enterprise application back, which was deleted',
      'Portal: bring its registration back, which was deleted',
      'Portal: bring its enterprise application back, which was deleted',
      'There is nothing to change.',
    ]);
    expect(planned.lines.slice(0, -1)).toEqual(
      again.lines.filter((line) => line.endsWith('registration back, which was deleted')),
    );
  });

  test('also where only the half of it is back, and where replicas lag behind', async () => {
    await run(apply);
    const wanted = byId(entra.snapshot());
    for (const name of [apiName, portalName]) entra.deleteApplication(name);
    entra.lagBehind(2);
    disturbWrite(2, { status: 403 });
    expect(await refusal(apply)).toContain('What is done stays');
    entra.disturb(() => undefined);
    await run(apply);
    expect(byId(entra.snapshot())).toEqual(wanted);
  });

  test('but nobody else’s', async () => {
    await run(apply, { ...complete(), AZURE_ENV_NAME: 'other' });
    entra.deleteApplication('app-passwords-other-api');
    const { lines } = await run(apply);
    expect(lines.join()).not.toContain('back');
  });
});

describe('plan', () => {
  test('says what apply does, line by line, and writes nothing', async () => {
    const planned = await run(plan);
    expect(entra.writes()).toEqual([]);
    const applied = await run(apply);
    expect(planned.lines).toEqual(applied.lines);
    expect(planned.lines.length).toBeGreaterThan(12);
    expect((await run(plan)).lines).toEqual(['There is nothing to change.']);
  });

  test.each([
    ['plan', plan],
    ['apply', apply],
    ['check', check],
  ] as const)('%s reports secrets and certificates, and shows none', async (_, command) => {
    await run(apply);
    const secret = { keyId: randomUUID(), displayName: 'mine', hint: 'abc' };
    entra.application(apiName).passwordCredentials.push(secret);
    entra.principal(entra.application(portalName).appId).keyCredentials.push(secret);
    const { lines } = await run<unknown>(command);
    expect(lines.filter((line) => line.includes('secrets and'))).toEqual([
      expect.stringContaining('The registration of the API has 1 secrets and 0 certificates'),
      expect.stringContaining('The enterprise application of the portal has 0 secrets and 1 certificates'),
    ]);
    expect(lines.join()).not.toMatch(/abc|mine/);
    expect(entra.application(apiName).passwordCredentials).toHaveLength(1);
  });
});

const looking: [string, Parameters<typeof run>[0]][] = [
  ['plan', plan],
  ['apply', apply],
  ['check', check],
];
describe.each(looking)('%s tells of ways to a token beside the portal', (_, command) => {
  beforeEach(async () => {
    await run(apply);
    entra.policies.push(good);
  });

  const told = async (environment?: Environment) =>
    (await run(command, environment)).lines.filter((line) => /public client|redirect URIs/.test(line));

  test('and of none where there is none', async () => {
    expect(await told()).toEqual([]);
  });

  test('public client flows', async () => {
    for (const name of [apiName, portalName]) entra.application(name).isFallbackPublicClient = true;
    const { appId } = entra.application(portalName);
    expect(await told()).toEqual([
      expect.stringContaining('The registration of the API allows public client flows'),
      expect.stringContaining(`az ad app update --id ${appId} --is-fallback-public-client false`),
    ]);
  });

  test('redirect URIs of all kinds that are not its own', async () => {
    const [api, portal] = [entra.application(apiName), entra.application(portalName)];
    portal.spa.redirectUris.push('https://passwords.example.net/', `${portalUrl}/else`);
    portal.web.redirectUris.push('https://a.example.net/');
    portal.publicClient.redirectUris.push('http://localhost');
    api.spa.redirectUris.push(`${portalUrl}/`);
    const [ofApi, ofPortal] = await told();
    expect(ofApi).toContain(
      `The registration of the API has redirect URIs that are not the portal's: ${portalUrl}/. `,
    );
    expect(ofPortal).toContain(
      `: https://passwords.example.net/, ${portalUrl}/else, https://a.example.net/, http://localhost. Whoever`,
    );
  });
});

test('check says that it cannot tell whose the redirect URIs are before the address of the page is known', async () => {
  await run(apply);
  entra.policies.push(good);
  entra.application(portalName).spa.redirectUris.push('https://passwords.example.net/');
  const { PORTAL_URL: _, ...environment } = complete();
  expect((await run(check, environment)).lines).toContain(
    "PORTAL_URL is not set: whether the portal's redirect URIs are its own was not looked at.",
  );
});

describe('every error says what to do', () => {
  const always = (disturbance: Disturbance) => entra.disturb(() => disturbance);

  test('not allowed', async () => {
    disturbWrite(1, { status: 403 });
    expect(await refusal(apply)).toMatch(/^Refused: You are not allowed .*role Application Administrator/);
    entra.disturb(({ path, method }) =>
      method === 'POST' && path.endsWith('appRoleAssignments') ? { status: 403 } : undefined,
    );
    expect(await refusal(apply)).toMatch(
      /User\.Read\.All.*role Privileged Role Administrator.*FOLLOW_DIRECTORY/,
    );
    entra.disturb(({ path }) => (path.startsWith('identity/') ? { status: 403 } : undefined));
    expect(await refusal(check)).toMatch(/Policy\.Read\.All.*check --browser/);
  });

  test('not signed in, to Graph or to that tenant', async () => {
    expect(await refusal(plan, { ...complete(), GRAPH_TOKEN: 'wrong' })).toMatch(/Refused: .*"az login"/);
    const GRAPH_TOKEN = new UnsecuredJWT({ tid: randomUUID() }).encode();
    const AZURE_TENANT_ID = randomUUID();
    const message = await refusal(plan, { ...complete(), GRAPH_TOKEN, AZURE_TENANT_ID });
    expect(message).toContain(`"az login --tenant ${AZURE_TENANT_ID}"`);
    expect(message).not.toContain(GRAPH_TOKEN);
  });

  test('busy, after it was waited for', async () => {
    let count = 0;
    entra.disturb(() => (++count === 1 ? { status: 429, retryAfter: 1 } : undefined));
    await run(plan);
    expect(count).toBeGreaterThan(2);
    always({ status: 429, retryAfter: 0 });
    expect(await refusal(plan)).toMatch(/^Refused: .*too busy.*try again in a few minutes/);
  });

  test('no answer', async () => {
    always('away');
    expect(await refusal(plan)).toMatch(/^Refused: .*network connection.*try again/);
  });

  test('an identity that is not there', async () => {
    const message = await refusal(apply, { ...complete(), APP_PRINCIPAL_ID: randomUUID() });
    expect(message).toMatch(/^Refused: .*APP_PRINCIPAL_ID.*try again in a few minutes/);
  });

  test('refused, with the reason', async () => {
    // What is new is tried again, so it is refused until that ends.
    entra.disturb((request) =>
      isWrite(request) && request.path.includes('/')
        ? { status: 400, code: 'Request_BadRequest' }
        : undefined,
    );
    expect(await refusal(apply)).toMatch(
      /^Refused: .*App ID URI.*400: Request_BadRequest, It says why\..*Put right/,
    );
  });

  test('an answer that is none of Graph, and a page of another origin, to which no token goes', async () => {
    entra.disturb(() => ({ status: 200 }));
    expect(await refusal(plan)).toMatch(/^Refused: .*another form.*GRAPH_URL/);
    entra.disturb(() => undefined);
    await run(apply);
    const other = await startEntra();
    entra.pageSize(1);
    entra.policies.push(good, good);
    entra.linksLeadTo(other.url);
    expect(await refusal(check)).toMatch(/^Refused: .*another form/);
    expect(other.requests).toEqual([]);
    await other.close();
  });

  test('nothing is registered', async () => {
    expect(await refusal(check)).toContain('"npm run entra -- apply" first');
  });
});

describe('check', () => {
  const acrs = () => ({ ...complete(), MFA_EVIDENCE: 'acrs:c1' });

  const accepted: [string, () => unknown][] = [
    ['for all apps', () => good],
    [
      'for this app',
      () =>
        when({
          applications: { ...applications, includeApplications: [entra.application(apiName).appId] },
        }),
    ],
    ['for the context', () => context('c2', 'c1')],
    [
      'with other apps excluded',
      () => when({ applications: { ...applications, excludeApplications: ['Office365'] } }),
    ],
    ['for both kinds of clients', () => when({ clientAppTypes: ['browser', 'mobileAppsAndDesktopClients'] })],
    [
      'from everywhere',
      () =>
        when({
          locations: { includeLocations: ['All'], excludeLocations: [] },
          platforms: { includePlatforms: ['all'], excludePlatforms: [] },
        }),
    ],
    ['with a strength', () => granted(strength('fido2', 'password,softwareOath'))],
    ['and a device', () => granted({ ...mfa, operator: 'AND', builtInControls: ['mfa', 'compliantDevice'] })],
  ];
  test.each(accepted)('accepts a policy %s', async (_, policy) => {
    await run(apply);
    entra.pageSize(1);
    entra.policies.push({ ...good, state: 'disabled' }, policy());
    const { lines } = await run(check, acrs());
    expect(lines).toEqual(['The Conditional Access policy "Factor" asks everybody for a second factor.']);
  });

  const refused: [string, () => unknown, string][] = [
    ['report-only', () => ({ ...good, state: 'enabledForReportingButNotEnforced' }), 'report-only'],
    ['with a user excluded', () => when({ users: { ...users, excludeUsers: [randomUUID()] } }), 'excludes'],
    ['with a group excluded', () => when({ users: { ...users, excludeGroups: [randomUUID()] } }), 'excludes'],
    ['with a role excluded', () => when({ users: { ...users, excludeRoles: [randomUUID()] } }), 'excludes'],
    [
      'with guests excluded',
      () =>
        when({ users: { ...users, excludeGuestsOrExternalUsers: { guestOrExternalUserTypes: 'b2bGuest' } } }),
      'excludes',
    ],
    ['for some', () => when({ users: { ...users, includeUsers: [randomUUID()] } }), 'not for all users'],
    [
      'with this app excluded',
      () =>
        when({
          applications: { ...applications, excludeApplications: [entra.application(apiName).appId] },
        }),
      'excludes this app',
    ],
    [
      'with a filter of apps',
      () => when({ applications: { ...applications, applicationFilter: { mode: 'exclude', rule: 'x' } } }),
      'filters apps',
    ],
    ['for browsers', () => when({ clientAppTypes: ['browser'] }), 'client apps'],
    [
      'outside an office',
      () => when({ locations: { includeLocations: ['All'], excludeLocations: ['AllTrusted'] } }),
      'location',
    ],
    ['on phones', () => when({ platforms: { includePlatforms: ['iOS'], excludePlatforms: [] } }), 'platform'],
    ['at a risk', () => when({ signInRiskLevels: ['high'] }), 'signInRiskLevels'],
    ['of some devices', () => when({ devices: { deviceFilter: { mode: 'include', rule: 'x' } } }), 'devices'],
    ['under a condition to come', () => when({ moonPhase: 'full' }), 'moonPhase'],
    [
      'or a device',
      () => granted({ ...mfa, builtInControls: ['mfa', 'compliantDevice'] }),
      'without a second factor',
    ],
    ['or terms', () => granted({ ...mfa, termsOfUse: [randomUUID()] }), 'without a second factor'],
    ['with a weak strength', () => granted(strength('fido2', 'password')), 'without a second factor'],
    ['with a code alone', () => granted(strength('sms')), 'without a second factor'],
    ['with an empty strength', () => granted(strength()), 'without a second factor'],
  ];
  test.each(refused)('does not take a policy %s', async (_, policy, reason) => {
    await run(apply);
    entra.policies.push(policy());
    expect(await refusal(check, acrs())).toMatch(new RegExp(`^Refused: .*\n  "Factor": .*${reason}`));
    const { lines } = await run(check);
    expect(lines.join('\n')).toContain(reason);
    expect(lines.join('\n')).toContain('Nobody can use the page until one does');
  });

  const elsewhere: [string, () => unknown][] = [
    ['another app', () => when({ applications: { ...applications, includeApplications: [randomUUID()] } })],
    ['another context', () => context('c2', 'c11')],
    ['nobody, as it is disabled', () => ({ ...good, state: 'disabled' })],
    ['what blocks', () => granted({ ...mfa, builtInControls: ['block'] })],
    ['the session only', () => granted(null)],
  ];
  test.each(elsewhere)('does not take a policy for %s', async (_, policy) => {
    await run(apply);
    entra.policies.push(policy());
    const message = await refusal(check, acrs());
    expect(message).toContain('Refused: No enabled Conditional Access policy');
    expect(message).not.toContain('"Factor"');
  });

  test('a policy for a context proves nothing where amr is the evidence', async () => {
    await run(apply);
    entra.policies.push(context('c1'));
    expect((await run(check)).lines.join()).toContain('No enabled Conditional Access policy');
  });
});

describe('emergency accounts', () => {
  const account = randomUUID();
  const EMERGENCY_ACCOUNTS = `${account}, ${randomUUID()}`;
  const excluding = (...excludeUsers: string[]) => when({ users: { ...users, excludeUsers } });

  test('may be left out of the policy, and nobody else', async () => {
    await run(apply);
    entra.policies.push(excluding(account));
    const named = { ...complete(), MFA_EVIDENCE: 'acrs:c1', EMERGENCY_ACCOUNTS };
    expect((await run(check, named)).lines).toEqual([expect.stringContaining('asks everybody')]);
    expect(await refusal(check, { ...named, EMERGENCY_ACCOUNTS: '' })).toContain('excludes');
    entra.policies.splice(0, 1, excluding(account, randomUUID()));
    expect(await refusal(check, named)).toContain('excludes');
  });
});

describe('policy', () => {
  const account = randomUUID();
  const act = (what: 'print' | 'apply' | 'enforce', environment?: Environment) =>
    run((graph, settings, say) => policy(graph, settings, { act: what, say }), environment);
  const acrs = () => ({ ...complete(), MFA_EVIDENCE: 'acrs:c1', EMERGENCY_ACCOUNTS: account });

  test.each([
    [
      'amr',
      complete,
      () => ({ includeApplications: [entra.application(apiName).appId] }),
      [],
      'for this app alone',
    ],
    [
      'acrs',
      acrs,
      () => ({ includeAuthenticationContextClassReferences: ['c1'] }),
      [account],
      'for every app that asks for that authentication context',
    ],
  ])(
    'is printed, then made report-only, then enforced, and satisfies the check (%s)',
    async (_, env, applications, excludeUsers, reach) => {
      await run(apply, env());
      const printed = await act('print', env());
      expect(entra.policies).toEqual([]);
      expect(printed.lines.at(-1)).toContain('npm run entra -- policy --apply --browser AZURE_ENV_NAME=test');

      const made = await act('apply', env());
      expect(entra.policies).toEqual([
        {
          id: expect.any(String),
          displayName: 'App Passwords (test): second factor',
          state: 'enabledForReportingButNotEnforced',
          conditions: {
            users: { includeUsers: ['All'], excludeUsers },
            applications: applications(),
            clientAppTypes: ['all'],
          },
          grantControls: { operator: 'OR', builtInControls: ['mfa'] },
        },
      ]);
      expect(printed.lines.join('\n')).toContain('"state": "enabledForReportingButNotEnforced"');
      expect(made.lines.at(-1)).toContain('npm run entra -- policy --enforce --browser AZURE_ENV_NAME=test');
      expect(made.lines.at(-1)).toContain(reach);
      expect(made.lines.at(-1)).toContain('Security defaults have to be off');
      await act('apply', env());
      expect(entra.policies).toHaveLength(1);

      await act('enforce', env());
      expect((await run(check, env())).lines).toEqual([
        expect.stringContaining('asks everybody for a second factor'),
      ]);
      expect((await act('apply', env())).lines.at(-1)).toContain('asks already');
    },
  );

  test('is enforced only where it is', async () => {
    await run(apply);
    expect(
      await refusal((graph, settings, say) => policy(graph, settings, { act: 'enforce', say })),
    ).toContain('policy --apply --browser');
  });

  test('says that it excludes no emergency account, and which licence it takes', async () => {
    await run(apply);
    expect((await act('print')).lines[0]).toContain('EMERGENCY_ACCOUNTS');
    entra.disturb((request) => (isWrite(request) ? { status: 403 } : undefined));
    expect(await refusal((graph, settings, say) => policy(graph, settings, { act: 'apply', say }))).toContain(
      'Microsoft Entra ID P1',
    );
  });
});

describe('npm run entra', () => {
  test('explains itself, and says what it lacks', async () => {
    for (const args of [
      [],
      ['polish'],
      ['plan', 'now'],
      ['plan', '--browser'],
      ['check', '--apply'],
      ['policy', '--apply', '--enforce'],
    ]) {
      expect(await operator('entra', first(), ...args)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Usage:'),
      });
    }
    const bad = { ...first(), AZURE_ENV_NAME: "it's", PORTAL_URL: 'http://example.com/', MFA_EVIDENCE: 'x' };
    const { code, stderr } = await operator('entra', bad, 'plan');
    expect(code).toBe(1);
    for (const name of ['AZURE_ENV_NAME', 'PORTAL_URL', 'MFA_EVIDENCE'])
      expect(stderr).toContain(`${name}: expects`);
  });

  test('never sends a token over plain http', async () => {
    const { code, stderr } = await operator(
      'entra',
      { AZURE_ENV_NAME: 'test', GRAPH_URL: 'http://127.0.0.1' },
      'plan',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('GRAPH_URL: expects the https:// address');
  });

  test('plans, applies with only the settings on the standard output, and fails a check of acrs', async () => {
    const planned = await operator('entra', complete(), 'plan');
    expect(planned).toMatchObject({ code: 0, stderr: '' });
    expect(entra.writes()).toEqual([]);
    const applied = await operator('entra', { ...complete(), MFA_EVIDENCE: 'acrs:c1' }, 'apply');
    const [api, portal] = [entra.application(apiName), entra.application(portalName)];
    expect(applied).toEqual({
      code: 0,
      stdout: `API_CLIENT_ID=${api.appId}\nPORTAL_CLIENT_ID=${portal.appId}\nMFA_EVIDENCE=acrs:c1\n`,
      stderr: planned.stdout,
    });
    expect(await operator('entra', complete(), 'check')).toMatchObject({ code: 0, stderr: '' });
    const { AZURE_ENV_NAME: _, ...nameless } = complete();
    const words = await operator('entra', nameless, 'check', 'AZURE_ENV_NAME=test');
    expect(words).toMatchObject({ code: 0, stderr: '' });
    entra.disturb(({ path }) => (path.startsWith('identity/') ? { status: 403 } : undefined));
    expect(await operator('entra', complete(), 'check')).toMatchObject({ code: 3 });
    entra.disturb(() => undefined);
    const { code, stdout, stderr } = await operator(
      'entra',
      { ...complete(), MFA_EVIDENCE: 'acrs:c1' },
      'check',
    );
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('the deployment must not go on');
    for (const run of [planned, applied]) {
      expect(run.stdout + run.stderr).not.toContain(entra.settings.GRAPH_TOKEN);
    }
  });
});
