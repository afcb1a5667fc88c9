import { adminRole, helpdeskRole, userRole } from '../../shared/domain/person/caller.ts';
import { type DeploymentSettings, tokenScope } from '../../shared/settings/settings.ts';
import { Refused } from '../refused.ts';
import type { Graph, Write } from './graph.ts';
import {
  type Application,
  type AppRole,
  administrator,
  byUniqueName,
  getApplication,
  getPrincipal,
  homeOf,
  listAssignments,
  listGrants,
  type Part,
  type State,
} from './state.ts';

/** What was made, or was there, by now. */
export interface Made {
  readonly application: Partial<Record<Part, { readonly id: string; readonly appId: string }>>;
  readonly principal: Partial<Record<Part, string>>;
}

export interface Change {
  /** What it does, as a line for people. */
  readonly what: string;
  /** Does it, after all changes before it, and notes what it made. */
  make(graph: Graph, made: Made): Promise<void>;
}

/** These ids are the same in every tenant, and stay. */
const ids = {
  scope: '5b1c7f0e-3c43-4f0a-9a55-0d0a3f6b7a11',
  [adminRole]: '0c2f7d3a-6c7e-4b8e-8a39-51f6b2d0c9e2',
  [helpdeskRole]: '9db8815e-5f39-45e3-bf3c-ea05f3894614',
  [userRole]: 'e1a4b6d8-92f5-4d07-b1c3-7f3e5a90d463',
};

const scope = {
  value: tokenScope,
  type: 'Admin',
  isEnabled: true,
  adminConsentDisplayName: 'Manage app passwords',
  adminConsentDescription: 'Lets the page manage the app passwords of the person who is signed in.',
};

const roles = [
  {
    value: adminRole,
    displayName: 'Administrator of app passwords',
    description: 'Sees, suspends and deletes the app passwords of everybody, and sets the policy.',
    allowedMemberTypes: ['User', 'Application'],
  },
  {
    value: helpdeskRole,
    displayName: 'Helpdesk of app passwords',
    description: 'Sees why app passwords of anybody do not work, and changes nothing.',
    allowedMemberTypes: ['User'],
  },
  {
    value: userRole,
    displayName: 'User of app passwords',
    description: 'May create app passwords, where the policy asks for this role.',
    allowedMemberTypes: ['User'],
  },
];

/** What the app reads in access tokens, and Entra ID puts there only if it is asked to. */
const claims = ['auth_time', 'acct', 'idtyp', 'upn'];

/** Without it, an enterprise application is missing in the list of them. */
const listed = 'WindowsAzureActiveDirectoryIntegratedApp';
/** People have their tile for the page; the API is none. */
const tags: Record<Part, readonly string[]> = { api: [listed, 'HideApp'], portal: [listed] };

const names: Record<Part, string> = { api: 'App passwords API', portal: 'App passwords' };
const titles: Record<Part, string> = { api: 'API', portal: 'Portal' };

const audience = 'AzureADMyOrg';
/** The page asks for these beside the API's scope; who agrees to them for all spares everybody a question. */
const signInScopes = ['openid', 'profile'];
const directoryRole = 'User.Read.All';

const nothing: Omit<Application, 'id' | 'appId'> = {
  signInAudience: audience,
  identifierUris: [],
  api: { requestedAccessTokenVersion: null, oauth2PermissionScopes: [], preAuthorizedApplications: [] },
  appRoles: [],
  optionalClaims: { accessToken: [] },
  isFallbackPublicClient: null,
  publicClient: { redirectUris: [] },
  spa: { redirectUris: [] },
  web: { redirectUris: [] },
  requiredResourceAccess: [],
  passwordCredentials: [],
  keyCredentials: [],
};

/** What to ask Graph for what exists already. */
export function madeIn({ api, portal }: State): Made {
  const made: Made = { application: {}, principal: {} };
  for (const [part, { application, principal }] of [
    ['api', api],
    ['portal', portal],
  ] as const) {
    if (application !== undefined) made.application[part] = application;
    if (principal !== undefined) made.principal[part] = principal.id;
  }
  return made;
}

/**
 * What to do so that the tenant has what the deployment needs, in order. What it has beyond that stays.
 *
 * @see https://learn.microsoft.com/graph/api/resources/application?view=graph-rest-1.0
 */
export function changesFor(state: State, settings: DeploymentSettings): Change[] {
  return [
    ...creation(state, settings, 'api'),
    ...creation(state, settings, 'portal'),
    ...hardening(state, 'api'),
    ...hardening(state, 'portal'),
    ...apiChanges(state),
    ...portalChanges(state, settings),
    ...principalChanges(state, 'api'),
    ...principalChanges(state, 'portal'),
    ...preauthorization(state),
    ...consent(state),
    ...directoryAccess(state, settings),
  ];
}

function creation(state: State, settings: DeploymentSettings, part: Part): Change[] {
  if (state[part].application !== undefined) return [];
  const what = `${titles[part]}: register it, for this tenant only, as "${names[part]}"`;
  const make = async (graph: Graph, made: Made) => {
    await graph.write({
      ...purpose(what),
      method: 'PATCH',
      path: byUniqueName(settings, part),
      upsert: true,
      body: {
        displayName: names[part],
        signInAudience: audience,
        notes: `Deployment ${settings.AZURE_ENV_NAME}`,
      },
    });
    made.application[part] = await getApplication(graph, settings, part);
  };
  return [{ what, make }];
}

function hardening(state: State, part: Part): Change[] {
  const { application = nothing } = state[part];
  const { enableAccessTokenIssuance, enableIdTokenIssuance } = application.web.implicitGrantSettings ?? {};
  return [
    ...patchIf(
      application.signInAudience !== audience,
      { part, what: 'accept accounts of this tenant only' },
      () => ({
        signInAudience: audience,
      }),
    ),
    ...patchIf(
      enableAccessTokenIssuance || enableIdTokenIssuance,
      { part, what: 'no implicit grant' },
      () => ({
        web: { implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false } },
      }),
    ),
  ];
}

function apiChanges({ api }: State): Change[] {
  const {
    appId,
    identifierUris,
    api: exposed,
    appRoles,
    optionalClaims,
  } = { appId: undefined, ...(api.application ?? nothing) };
  const { requestedAccessTokenVersion, oauth2PermissionScopes } = exposed;
  const current = oauth2PermissionScopes.find(({ value }) => value === tokenScope);
  const missingClaims = claims.filter((name) => !optionalClaims.accessToken.some((it) => it.name === name));
  const wantedRoles = roles.map((role) => wantedRole(role, appRoles));
  const badRoles = wantedRoles.filter((role) => !appRoles.some((it) => isSame(it, role)));
  return [
    ...patchIf(
      appId === undefined || !identifierUris.includes(`api://${appId}`),
      { part: 'api', what: 'App ID URI api://ID, with its own id' },
      (made) => ({ identifierUris: [...identifierUris, `api://${known(made.application.api).appId}`] }),
    ),
    ...patchIf(
      requestedAccessTokenVersion !== 1,
      { part: 'api', what: 'access tokens of version 1.0, which carry amr' },
      () => ({
        api: { requestedAccessTokenVersion: 1 },
      }),
    ),
    ...patchIf(
      current?.type !== scope.type || !current.isEnabled,
      { part: 'api', what: `scope ${tokenScope}, to which only administrators consent` },
      () => ({
        api: {
          oauth2PermissionScopes: [
            ...oauth2PermissionScopes.filter((it) => it !== current).map(writable),
            current === undefined
              ? { id: ids.scope, ...scope }
              : { ...writable(current), type: scope.type, isEnabled: true },
          ],
        },
      }),
    ),
    ...patchIf(
      badRoles.length > 0,
      { part: 'api', what: `app roles ${badRoles.map(({ value }) => value).join(', ')}` },
      () => ({
        appRoles: [
          ...appRoles.filter(({ value }) => !roles.some((role) => role.value === value)).map(writable),
          ...wantedRoles.map(writable),
        ],
      }),
    ),
    ...patchIf(
      missingClaims.length > 0,
      { part: 'api', what: `optional claims ${missingClaims.join(', ')} in access tokens` },
      () => ({
        optionalClaims: {
          ...optionalClaims,
          accessToken: [
            ...optionalClaims.accessToken,
            ...missingClaims.map((name) => ({
              name,
              source: null,
              essential: false,
              additionalProperties: [],
            })),
          ],
        },
      }),
    ),
  ];
}

/** A role as it should be: what the tenant says more about it stays. */
function wantedRole(role: (typeof roles)[number], appRoles: readonly AppRole[]): AppRole {
  const current = appRoles.find(({ value }) => value === role.value);
  const allowedMemberTypes = [
    ...new Set([...(current?.allowedMemberTypes ?? []), ...role.allowedMemberTypes]),
  ];
  return {
    id: ids[role.value as typeof adminRole],
    ...role,
    ...current,
    isEnabled: true,
    allowedMemberTypes,
  };
}

function isSame(role: AppRole, other: AppRole): boolean {
  return (
    role.value === other.value &&
    role.isEnabled === other.isEnabled &&
    role.allowedMemberTypes.length === other.allowedMemberTypes.length
  );
}

/** Graph says where a role or a scope comes from, and does not take it back. */
function writable({ origin: _, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return rest;
}

function portalChanges({ api, portal }: State, settings: DeploymentSettings): Change[] {
  const { spa, web, requiredResourceAccess } = portal.application ?? nothing;
  const scopeId = scopeIdOf(api.application);
  const current = requiredResourceAccess.find(
    ({ resourceAppId }) => resourceAppId === api.application?.appId,
  );
  const home = homeOf(settings);
  return [
    ...patchIf(
      home !== undefined && !spa.redirectUris.includes(home),
      { part: 'portal', what: `redirect URI ${home}` },
      () => ({ spa: { redirectUris: [...spa.redirectUris, home] } }),
    ),
    ...patchIf(
      home !== undefined && web.homePageUrl !== home,
      { part: 'portal', what: `home page ${home}` },
      () => ({
        web: { homePageUrl: home },
      }),
    ),
    ...patchIf(
      !current?.resourceAccess.some(({ id }) => id === scopeId),
      { part: 'portal', what: `needs the scope ${tokenScope} of the API` },
      (made) => ({
        requiredResourceAccess: [
          ...requiredResourceAccess.filter((it) => it !== current),
          {
            resourceAppId: known(made.application.api).appId,
            resourceAccess: [...(current?.resourceAccess ?? []), { id: scopeId, type: 'Scope' }],
          },
        ],
      }),
    ),
  ];
}

function principalChanges(state: State, part: Part): Change[] {
  const { principal } = state[part];
  if (principal === undefined) {
    const what = `${titles[part]}: make its enterprise application`;
    const make = async (graph: Graph, made: Made) => {
      const { appId } = known(made.application[part]);
      const path = `servicePrincipals(appId='${appId}')`;
      await graph.write({
        ...purpose(what),
        method: 'PATCH',
        path,
        upsert: true,
        body: { tags: tags[part] },
      });
      made.principal[part] = (await getPrincipal(graph, appId)).id;
    };
    return [{ what, make }];
  }
  const missing = tags[part].filter((tag) => !principal.tags.includes(tag));
  if (missing.length === 0) return [];
  return [
    write(`${titles[part]}: tag its enterprise application as ${missing.join(' and ')}`, () => ({
      method: 'PATCH',
      path: `servicePrincipals/${principal.id}`,
      body: { tags: [...principal.tags, ...missing] },
    })),
  ];
}

/**
 * Nobody is asked to consent to what a preauthorized application asks for. It is apart from the scope, as Graph takes
 * only the ids of scopes that are there.
 *
 * @see https://learn.microsoft.com/graph/api/resources/preauthorizedapplication?view=graph-rest-1.0
 */
function preauthorization({ api, portal }: State): Change[] {
  const { preAuthorizedApplications } = (api.application ?? nothing).api;
  const scopeId = scopeIdOf(api.application);
  const current = preAuthorizedApplications.find(({ appId }) => appId === portal.application?.appId);
  const isThere = current?.delegatedPermissionIds.includes(scopeId);
  return patchIf(
    !isThere,
    { part: 'api', what: `the portal has the scope ${tokenScope} without anybody being asked` },
    (made) => ({
      api: {
        preAuthorizedApplications: [
          ...preAuthorizedApplications.filter((it) => it !== current),
          {
            appId: known(made.application.portal).appId,
            delegatedPermissionIds: [...(current?.delegatedPermissionIds ?? []), scopeId],
          },
        ],
      },
    }),
  );
}

function consent({ graph, grants }: State): Change[] {
  const isOurs = ({ consentType, resourceId }: State['grants'][number]) =>
    consentType === 'AllPrincipals' && resourceId === graph.id;
  const current = grants.find(isOurs);
  const scopes = wordsIn(current?.scope);
  const missing = signInScopes.filter((name) => !scopes.includes(name));
  if (missing.length === 0) return [];
  const what = `Portal: consent to ${missing.join(' and ')} (signing in) for everybody`;
  if (current !== undefined) {
    return [
      write(what, () => ({
        method: 'PATCH',
        path: `oauth2PermissionGrants/${current.id}`,
        body: { scope: [...scopes, ...missing].join(' ') },
      })),
    ];
  }
  return [
    write(what, (made, client) => {
      const clientId = known(made.principal.portal);
      return {
        method: 'POST',
        path: 'oauth2PermissionGrants',
        body: { clientId, consentType: 'AllPrincipals', resourceId: graph.id, scope: missing.join(' ') },
        isDone: async () => (await listGrants(client, clientId)).some(isOurs),
      };
    }),
  ];
}

function wordsIn(text: string | null | undefined): string[] {
  return (text ?? '').split(' ').filter((word) => word !== '');
}

function directoryAccess(
  { graph, assignments }: State,
  { APP_PRINCIPAL_ID, FOLLOW_DIRECTORY }: DeploymentSettings,
): Change[] {
  if (APP_PRINCIPAL_ID === undefined || !FOLLOW_DIRECTORY) return [];
  const role = graph.appRoles.find(
    ({ value, allowedMemberTypes }) => value === directoryRole && allowedMemberTypes.includes('Application'),
  );
  if (role === undefined)
    throw new Refused(
      `Microsoft Graph has no permission ${directoryRole} in this cloud. Set FOLLOW_DIRECTORY=false to go without.`,
    );
  const isOurs = ({ resourceId, appRoleId }: State['assignments'][number]) =>
    resourceId === graph.id && appRoleId === role.id;
  if (assignments.some(isOurs)) return [];
  return [
    write(
      `App: its identity reads the directory (${directoryRole})`,
      (_, client) => ({
        method: 'POST',
        path: `servicePrincipals/${APP_PRINCIPAL_ID}/appRoleAssignments`,
        body: { principalId: APP_PRINCIPAL_ID, resourceId: graph.id, appRoleId: role.id },
        isDone: async () => (await listAssignments(client, APP_PRINCIPAL_ID)).some(isOurs),
      }),
      'the role Privileged Role Administrator; or set FOLLOW_DIRECTORY=false to go without following accounts',
    ),
  ];
}

function scopeIdOf(api: Application | undefined): string {
  return api?.api.oauth2PermissionScopes.find(({ value }) => value === tokenScope)?.id ?? ids.scope;
}

function patchIf(
  isNeeded: boolean | null | undefined,
  { part, what }: { readonly part: Part; readonly what: string },
  body: (made: Made) => object,
): Change[] {
  if (!isNeeded) return [];
  return [
    write(`${titles[part]}: ${what}`, (made) => ({
      method: 'PATCH',
      path: `applications/${known(made.application[part]).id}`,
      body: body(made),
    })),
  ];
}

function write(
  what: string,
  request: (made: Made, graph: Graph) => Omit<Write, 'to' | 'takes'>,
  takes?: string,
): Change {
  return {
    what,
    async make(graph, made) {
      await graph.write({ ...purpose(what, takes), ...request(made, graph) });
    },
  };
}

function purpose(what: string, takes = administrator) {
  return { to: `do "${what}"`, takes };
}

/** Changes come in order, so what one needs is made by then. */
function known<T>(made: T | undefined): T {
  if (made === undefined) throw new Error('a change came before what it needs');
  return made;
}
