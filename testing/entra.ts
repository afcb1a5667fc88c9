import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import * as z from 'zod';
import { selfSigned } from '../local/key-vault.ts';

/** An error as Graph words it. */
class GraphError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const guid = z.guid();
const https = z.url({ protocol: /^https$/ });
const optionalClaim = z.strictObject({
  name: z.string(),
  source: z.enum(['user']).nullable().optional(),
  essential: z.boolean().optional(),
  additionalProperties: z.array(z.string()).optional(),
});
const permissionScope = z.strictObject({
  id: guid,
  value: z.string().regex(/^[\w.:-]{1,120}$/),
  type: z.enum(['User', 'Admin']),
  isEnabled: z.boolean(),
  adminConsentDisplayName: z.string().min(1).max(100),
  adminConsentDescription: z.string().min(1).max(850),
  userConsentDisplayName: z.string().nullable().optional(),
  userConsentDescription: z.string().nullable().optional(),
});
const appRole = z.strictObject({
  id: guid,
  value: z.string().regex(/^[\w.:-]{1,120}$/),
  displayName: z.string().min(1).max(100),
  description: z.string().min(1),
  isEnabled: z.boolean(),
  allowedMemberTypes: z.array(z.enum(['User', 'Application'])).min(1),
});
const credential = z.object({ keyId: guid, displayName: z.string(), hint: z.string() });

/** What may be written of an application; anything else is refused, as Graph does. */
const applicationBody = z.strictObject({
  displayName: z.string().min(1).max(256).optional(),
  notes: z.string().max(1024).nullable().optional(),
  signInAudience: z
    .enum(['AzureADMyOrg', 'AzureADMultipleOrgs', 'AzureADandPersonalMicrosoftAccount'])
    .optional(),
  identifierUris: z.array(z.string()).optional(),
  api: z
    .strictObject({
      requestedAccessTokenVersion: z.literal([1, 2]).nullable().optional(),
      oauth2PermissionScopes: z.array(permissionScope).optional(),
      preAuthorizedApplications: z
        .array(z.strictObject({ appId: guid, delegatedPermissionIds: z.array(guid).min(1) }))
        .optional(),
    })
    .optional(),
  appRoles: z.array(appRole).optional(),
  optionalClaims: z
    .strictObject({
      accessToken: z.array(optionalClaim).optional(),
      idToken: z.array(optionalClaim).optional(),
      saml2Token: z.array(optionalClaim).optional(),
    })
    .optional(),
  isFallbackPublicClient: z.boolean().nullable().optional(),
  publicClient: z.strictObject({ redirectUris: z.array(z.string()) }).optional(),
  spa: z.strictObject({ redirectUris: z.array(https) }).optional(),
  web: z
    .strictObject({
      homePageUrl: https.nullable().optional(),
      redirectUris: z.array(https).optional(),
      implicitGrantSettings: z
        .strictObject({
          enableAccessTokenIssuance: z.boolean().optional(),
          enableIdTokenIssuance: z.boolean().optional(),
        })
        .optional(),
    })
    .optional(),
  requiredResourceAccess: z
    .array(
      z.strictObject({
        resourceAppId: guid,
        resourceAccess: z.array(z.strictObject({ id: guid, type: z.enum(['Scope', 'Role']) })),
      }),
    )
    .optional(),
});
type ApplicationBody = z.infer<typeof applicationBody>;

type Whole<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };

export interface GraphApplication extends Whole<Omit<ApplicationBody, 'api' | 'web' | 'optionalClaims'>> {
  readonly id: string;
  readonly appId: string;
  readonly uniqueName: string;
  api: Whole<NonNullable<ApplicationBody['api']>>;
  web: Whole<NonNullable<ApplicationBody['web']>>;
  optionalClaims: ApplicationBody['optionalClaims'] | null;
  passwordCredentials: z.infer<typeof credential>[];
  keyCredentials: z.infer<typeof credential>[];
}

export interface GraphPrincipal {
  readonly id: string;
  readonly appId: string;
  tags: string[];
  appRoles: unknown[];
  passwordCredentials: z.infer<typeof credential>[];
  keyCredentials: z.infer<typeof credential>[];
}

const principalBody = z.strictObject({ tags: z.array(z.string()).optional() });
const grantBody = z.strictObject({
  clientId: guid,
  consentType: z.enum(['AllPrincipals', 'Principal']),
  principalId: guid.optional(),
  resourceId: guid,
  scope: z.string(),
});
const grantChange = z.strictObject({ scope: z.string() });
const policyBody = z.strictObject({
  displayName: z.string().min(1),
  state: z.enum(['enabled', 'disabled', 'enabledForReportingButNotEnforced']),
  conditions: z.strictObject({
    users: z.strictObject({ includeUsers: z.array(z.string()).min(1), excludeUsers: z.array(guid) }),
    applications: z.union([
      z.strictObject({ includeApplications: z.array(z.string()).min(1) }),
      z.strictObject({
        includeAuthenticationContextClassReferences: z.array(z.string().regex(/^c\d{1,2}$/)).min(1),
      }),
    ]),
    clientAppTypes: z.array(z.enum(['all'])).min(1),
  }),
  grantControls: z.strictObject({
    operator: z.enum(['AND', 'OR']),
    builtInControls: z.array(z.enum(['mfa'])).min(1),
  }),
});
const policyChange = z.strictObject({ state: z.enum(['enabled', 'disabled']) });
const assignmentBody = z.strictObject({ principalId: guid, resourceId: guid, appRoleId: guid });

/**
 * What happens to a request: `away` cuts the connection, `lost` does it and then refuses, so that nobody knows; a
 * status is answered instead of doing it.
 */
export type Disturbance =
  | 'away'
  | 'lost'
  | { readonly status: number; readonly code?: string; readonly retryAfter?: number }
  | undefined;

export interface SeenGraphRequest {
  readonly method: string;
  /** Below the version. */
  readonly path: string;
}

/** The id of the application permission User.Read.All. */
export const userReadAll = 'df021288-bdef-4463-88db-98f22de89214';
const graphAppId = '00000003-0000-0000-c000-000000000000';

/**
 * A stand-in for the part of Microsoft Graph v1.0 that registers applications, over HTTPS on 127.0.0.1. It refuses
 * what Graph refuses, and makes the same ids in the same order.
 *
 * @see https://learn.microsoft.com/graph/api/resources/application?view=graph-rest-1.0
 */
export async function startEntra({ token = 'local-entra' }: { token?: string } = {}) {
  const { private: key, cert } = await selfSigned();
  const server = createServer({ key, cert }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  let lastId = 0;
  const newId = () => `00000000-0000-4000-8000-${String(++lastId).padStart(12, '0')}`;

  const applications: GraphApplication[] = [];
  const principals: GraphPrincipal[] = [];
  const grants: (z.infer<typeof grantBody> & { id: string })[] = [];
  const assignments: z.infer<typeof assignmentBody>[] = [];
  const policies: unknown[] = [];
  /** What was deleted in the last 30 days. */
  const deleted = { applications: [] as GraphApplication[], principals: [] as GraphPrincipal[] };
  const requests: SeenGraphRequest[] = [];
  /** How many more requests do not know what was just made, by replica and id. */
  const unknownFor = new Map<string, number>();
  let lag = 0;
  let pageSize = 100;
  let linkOrigin = url;
  let disturb: (request: SeenGraphRequest) => Disturbance = () => undefined;

  const addPrincipal = (appId: string, appRoles: unknown[] = []): GraphPrincipal => {
    const principal = {
      id: newId(),
      appId,
      tags: [],
      appRoles,
      passwordCredentials: [],
      keyCredentials: [],
    };
    principals.push(principal);
    return principal;
  };
  const directoryRoles = [
    { id: newId(), value: 'User.Read.All', allowedMemberTypes: ['User'], isEnabled: true },
    { id: userReadAll, value: 'User.Read.All', allowedMemberTypes: ['Application'], isEnabled: true },
  ];
  const graphItself = addPrincipal(graphAppId, directoryRoles);
  const identity = addPrincipal(newId());

  /** Reads and writes go to replicas of their own. */
  let replica: 'reads' | 'writes' = 'reads';
  const isKnown = (id: string): boolean => {
    const left = unknownFor.get(`${replica} ${id}`) ?? 0;
    unknownFor.set(`${replica} ${id}`, left - 1);
    return left <= 0;
  };
  const known = <T extends { readonly id: string }>(item: T | undefined, what = 'Resource'): T => {
    if (item === undefined || !isKnown(item.id))
      throw new GraphError(404, 'Request_ResourceNotFound', `${what} does not exist.`);
    return item;
  };
  const made = <T extends { readonly id: string }>(item: T): T => {
    for (const it of ['reads', 'writes']) unknownFor.set(`${it} ${item.id}`, lag);
    return item;
  };

  const newApplication = (uniqueName: string): GraphApplication => ({
    id: newId(),
    appId: newId(),
    uniqueName,
    displayName: '',
    notes: null,
    signInAudience: 'AzureADMyOrg',
    identifierUris: [],
    api: { requestedAccessTokenVersion: null, oauth2PermissionScopes: [], preAuthorizedApplications: [] },
    appRoles: [],
    optionalClaims: null,
    isFallbackPublicClient: null,
    publicClient: { redirectUris: [] },
    spa: { redirectUris: [] },
    web: {
      homePageUrl: null,
      redirectUris: [],
      implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
    },
    requiredResourceAccess: [],
    passwordCredentials: [],
    keyCredentials: [],
  });

  const checkEntitlements = (
    before: readonly { id: string; isEnabled: boolean }[],
    after: readonly { id: string; value: string }[],
  ) => {
    const isUnique = (values: readonly string[]) => new Set(values).size === values.length;
    if (!isUnique(after.map(({ id }) => id)) || !isUnique(after.map(({ value }) => value)))
      throw new GraphError(400, 'Request_BadRequest', 'It contains duplicate values.');
    if (before.some((it) => it.isEnabled && !after.some(({ id }) => id === it.id)))
      throw new GraphError(400, 'CannotDeleteOrUpdateEnabledEntitlement', 'It must be disabled first.');
  };

  /** @throws GraphError as Graph refuses it. */
  const checkApplication = (current: GraphApplication, body: ApplicationBody) => {
    for (const uri of body.identifierUris ?? []) {
      if (applications.some((other) => other !== current && other.identifierUris.includes(uri)))
        throw new GraphError(400, 'Request_BadRequest', 'Another object has the same identifierUris.');
      if (uri !== `api://${current.appId}` && !current.identifierUris.includes(uri))
        throw new GraphError(400, 'Request_BadRequest', 'identifierUris must use a verified domain.');
    }
    const { oauth2PermissionScopes, preAuthorizedApplications } = body.api ?? {};
    if (oauth2PermissionScopes) checkEntitlements(current.api.oauth2PermissionScopes, oauth2PermissionScopes);
    if (body.appRoles) checkEntitlements(current.appRoles, body.appRoles);
    for (const { appId, delegatedPermissionIds } of preAuthorizedApplications ?? []) {
      const isThere = applications.some((it) => it.appId === appId && isKnown(it.id));
      const scopes = current.api.oauth2PermissionScopes.map(({ id }) => id);
      if (!isThere && !current.api.preAuthorizedApplications.some((it) => it.appId === appId))
        throw new GraphError(400, 'Request_BadRequest', `The application ${appId} does not exist.`);
      if (!delegatedPermissionIds.every((id) => scopes.includes(id)))
        throw new GraphError(400, 'InvalidAppId', 'The permission does not exist.');
    }
  };

  const update = (current: GraphApplication, body: ApplicationBody) => {
    checkApplication(current, body);
    const { api, web, ...rest } = body;
    Object.assign(current, rest);
    Object.assign(current.api, api);
    Object.assign(current.web, web);
  };

  const shown = (item: object, query: URLSearchParams) => {
    const select = query.get('$select')?.split(',');
    const entries = Object.entries(item).filter(([name]) => select?.includes(name) ?? true);
    return Object.fromEntries(entries);
  };
  const withOrigin = (item: GraphApplication) => ({
    ...item,
    appRoles: item.appRoles.map((role) => ({ ...role, origin: 'Application' })),
  });
  const page = (items: readonly unknown[], path: string, query: URLSearchParams) => {
    const from = Number(query.get('$skiptoken') ?? 0);
    const to = from + pageSize;
    const next = `${linkOrigin}/v1.0/${path}?$skiptoken=${to}`;
    return { value: items.slice(from, to), ...(to < items.length && { '@odata.nextLink': next }) };
  };

  const answer = async (
    request: IncomingMessage,
    method: string,
    path: string,
    query: URLSearchParams,
  ): Promise<{ status: number; body?: unknown }> => {
    if (request.headers.authorization !== `Bearer ${token}`)
      throw new GraphError(401, 'InvalidAuthenticationToken', 'Access token is empty.');
    const body = method === 'GET' ? undefined : await json(request);
    replica = method === 'GET' ? 'reads' : 'writes';
    const isUpsert = request.headers.prefer === 'create-if-missing';
    const [, collection = '', alternate, id, rest] =
      /^(\w+)(?:\(\w+='([^']*)'\))?(?:\/([\w-]+)(?:\/(\w+))?)?$/.exec(path) ?? [];
    const call = [method, collection, alternate && 'KEY', id && 'ID', rest].filter(Boolean).join(' ');
    switch (call) {
      case 'GET applications KEY': {
        const item = known(applications.find(({ uniqueName }) => uniqueName === alternate));
        return { status: 200, body: shown(withOrigin(item), query) };
      }
      case 'PATCH applications KEY': {
        const current = applications.find(({ uniqueName }) => uniqueName === alternate);
        const change = valid(applicationBody, body);
        if (change.displayName === undefined)
          throw new GraphError(400, 'Request_BadRequest', 'displayName is required.');
        if (current !== undefined || !isUpsert) {
          update(known(current), change);
          return { status: 204 };
        }
        if (deleted.applications.some(({ uniqueName }) => uniqueName === alternate))
          throw new GraphError(
            400,
            'Request_BadRequest',
            'Another object with the same value for property uniqueName already exists.',
          );
        const item = newApplication(alternate ?? '');
        update(item, change);
        applications.push(made(item));
        return { status: 201, body: withOrigin(item) };
      }
      case 'PATCH applications ID':
        update(known(applications.find((it) => it.id === id)), valid(applicationBody, body));
        return { status: 204 };
      case 'GET servicePrincipals KEY':
        return {
          status: 200,
          body: shown(known(principals.find(({ appId }) => appId === alternate)), query),
        };
      case 'PATCH servicePrincipals KEY': {
        const current = principals.find(({ appId }) => appId === alternate);
        const change = valid(principalBody, body);
        if (current !== undefined || !isUpsert) {
          Object.assign(known(current), change);
          return { status: 204 };
        }
        const application = applications.find(({ appId }) => appId === alternate);
        if (application === undefined || !isKnown(application.id))
          throw new GraphError(400, 'Request_BadRequest', `The appId '${alternate}' does not reference one.`);
        const item = made(Object.assign(addPrincipal(application.appId), change));
        return { status: 201, body: item };
      }
      case 'PATCH servicePrincipals ID':
        Object.assign(known(principals.find((it) => it.id === id)), valid(principalBody, body));
        return { status: 204 };
      case 'GET servicePrincipals ID oauth2PermissionGrants': {
        const client = known(principals.find((it) => it.id === id));
        return {
          status: 200,
          body: page(
            grants.filter(({ clientId }) => clientId === client.id),
            path,
            query,
          ),
        };
      }
      case 'POST oauth2PermissionGrants': {
        const grant = valid(grantBody, body);
        for (const it of [grant.clientId, grant.resourceId]) known(principals.find(({ id }) => id === it));
        if (grants.some((it) => it.clientId === grant.clientId && it.resourceId === grant.resourceId))
          throw new GraphError(
            409,
            'Request_MultipleObjectsWithSameKeyValue',
            'Permission entry already exists.',
          );
        const item = { ...grant, id: newId() };
        grants.push(item);
        return { status: 201, body: item };
      }
      case 'PATCH oauth2PermissionGrants ID':
        Object.assign(known(grants.find((it) => it.id === id)), valid(grantChange, body));
        return { status: 204 };
      case 'GET servicePrincipals ID appRoleAssignments': {
        const principal = known(principals.find((it) => it.id === id));
        const value = assignments.filter(({ principalId }) => principalId === principal.id);
        return { status: 200, body: page(value, path, query) };
      }
      case 'POST servicePrincipals ID appRoleAssignments': {
        const assignment = valid(assignmentBody, body);
        const principal = known(principals.find((it) => it.id === id));
        const isRole = graphItself.appRoles.some(
          (role) => (role as { id: string }).id === assignment.appRoleId,
        );
        if (assignment.principalId !== principal.id || assignment.resourceId !== graphItself.id || !isRole)
          throw new GraphError(400, 'Request_BadRequest', 'It does not match.');
        if (assignments.some((it) => JSON.stringify(it) === JSON.stringify(assignment)))
          throw new GraphError(
            400,
            'Request_BadRequest',
            'Permission being assigned already exists on the object.',
          );
        assignments.push(assignment);
        return { status: 201, body: assignment };
      }
      default:
        return answerByPath(method, path, query, body);
    }
  };

  const answerByPath = (
    method: string,
    path: string,
    query: URLSearchParams,
    body: unknown,
  ): { status: number; body?: unknown } => {
    const [, restored] = /^directory\/deletedItems\/([\w-]+)\/restore$/.exec(path) ?? [];
    const [, changed] = /^identity\/conditionalAccess\/policies\/([\w-]+)$/.exec(path) ?? [];
    const isDeleted = path.startsWith('directory/deletedItems/microsoft.graph.');
    if (method === 'GET' && isDeleted) {
      const items = path.endsWith('.application') ? deleted.applications : deleted.principals;
      return {
        status: 200,
        body: page(
          items.map((item) => shown(item, query)),
          path,
          query,
        ),
      };
    }
    if (method === 'POST' && restored) {
      // An application comes back without its service principal.
      for (const [from, to] of [
        [deleted.applications, applications],
        [deleted.principals, principals],
      ] as [{ id: string }[], { id: string }[]][]) {
        const index = from.findIndex(({ id }) => id === restored);
        if (index >= 0) {
          const [item] = from.splice(index, 1) as [{ id: string }];
          to.push(made(item));
          return { status: 200, body: { id: restored } };
        }
      }
      throw new GraphError(404, 'Request_ResourceNotFound', 'Resource does not exist.');
    }
    if (path === 'identity/conditionalAccess/policies') {
      if (method === 'GET') return { status: 200, body: page(policies, path, query) };
      const policy = { ...valid(policyBody, body), id: newId() };
      policies.push(policy);
      return { status: 201, body: policy };
    }
    if (method === 'PATCH' && changed) {
      const policy = known(policies.find((it) => (it as { id: string }).id === changed) as { id: string });
      Object.assign(policy, valid(policyChange, body));
      return { status: 204 };
    }
    throw new GraphError(400, 'BadRequest', `Resource not found for the segment '${path}'.`);
  };

  const send = (response: ServerResponse, status: number, body?: unknown, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(status === 204 ? undefined : JSON.stringify(body));
  };

  server.on('request', async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', url);
    const seen = { method: request.method ?? '', path: decodeURIComponent(pathname.replace('/v1.0/', '')) };
    requests.push(seen);
    const disturbance = disturb(seen);
    if (disturbance === 'away') return void request.destroy();
    if (typeof disturbance === 'object') {
      const { status, code = 'Refused', retryAfter } = disturbance;
      const headers = retryAfter === undefined ? {} : { 'retry-after': `${retryAfter}` };
      return send(response, status, { error: { code, message: 'It says why.' } }, headers);
    }
    try {
      const { status, body } = await answer(request, seen.method, seen.path, searchParams);
      if (disturbance === 'lost') return send(response, 403, { error: { code: 'Lost', message: 'Lost.' } });
      send(response, status, body);
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      send(response, error.status, { error: { code: error.code, message: error.message } });
    }
  });

  return {
    url,
    /** The settings of a command that uses it. */
    settings: { VARIANT: 'local', GRAPH_URL: url, GRAPH_CERTIFICATE: cert, GRAPH_TOKEN: token },
    /** The service principal of the app's managed identity. */
    identity: identity.id,
    /** What the tenant has; a test may edit it. */
    applications,
    principals,
    grants,
    assignments,
    policies,
    /** Every request so far. */
    requests: requests as readonly SeenGraphRequest[],
    writes: () => requests.filter(({ method }) => method !== 'GET'),
    application(uniqueName: string): GraphApplication {
      const item = applications.find((it) => it.uniqueName === uniqueName);
      if (item === undefined) throw new Error('there is no such application');
      return item;
    },
    principal(appId: string): GraphPrincipal {
      const item = principals.find((it) => it.appId === appId);
      if (item === undefined) throw new Error('there is no such service principal');
      return item;
    },
    addApplication(uniqueName: string): GraphApplication {
      const item = newApplication(uniqueName);
      applications.push(item);
      return item;
    },
    /** Deletes an application as somebody does by hand; its service principal goes with it. */
    deleteApplication(uniqueName: string) {
      const index = applications.findIndex((it) => it.uniqueName === uniqueName);
      const [application] = applications.splice(index, 1) as [GraphApplication];
      deleted.applications.push(application);
      const principal = principals.findIndex(({ appId }) => appId === application.appId);
      if (principal >= 0) deleted.principals.push(...principals.splice(principal, 1));
    },
    /** All that the tenant has, as it is now. */
    snapshot: () => structuredClone({ applications, principals, grants, assignments }),
    /** What is made from now on is not known to that many requests for it. */
    lagBehind(times: number) {
      lag = times;
    },
    pageSize(size: number) {
      pageSize = size;
    },
    /** Links that are given out lead to another origin. */
    linksLeadTo(origin: string) {
      linkOrigin = origin;
    },
    /** What happens to each request from now on. */
    disturb(how: (request: SeenGraphRequest) => Disturbance) {
      disturb = how;
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function valid<T>(schema: z.ZodType<T>, body: unknown): T {
  const { success, data, error } = schema.safeParse(body);
  if (!success) {
    const [issue] = error.issues;
    throw new GraphError(400, 'Request_BadRequest', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  return data;
}

export type Entra = Awaited<ReturnType<typeof startEntra>>;
