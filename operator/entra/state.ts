import * as z from 'zod';
import type { DeploymentSettings } from '../../shared/settings/settings.ts';
import type { Graph, Purpose } from './graph.ts';

const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const credential = z.object({ keyId: z.string() });
const credentials = { passwordCredentials: list(credential), keyCredentials: list(credential) };

/** What else is in it goes back unchanged. */
const scope = z.looseObject({
  id: z.string(),
  value: z.string().nullish(),
  type: z.string().nullish(),
  isEnabled: z.boolean().nullish(),
});

const role = z.looseObject({
  id: z.string(),
  value: z.string().nullish(),
  isEnabled: z.boolean().nullish(),
  allowedMemberTypes: z.array(z.string()),
});
export type AppRole = z.infer<typeof role>;

const claim = z.looseObject({ name: z.string() });

const redirects = z.object({ redirectUris: list(z.string()) });

/** @see https://learn.microsoft.com/graph/api/resources/application?view=graph-rest-1.0 */
const application = z.object({
  id: z.string(),
  appId: z.string(),
  signInAudience: z.string().nullish(),
  identifierUris: list(z.string()),
  api: z.object({
    requestedAccessTokenVersion: z.number().nullish(),
    oauth2PermissionScopes: list(scope),
    preAuthorizedApplications: list(
      z.object({ appId: z.string(), delegatedPermissionIds: z.array(z.string()) }),
    ),
  }),
  appRoles: list(role),
  optionalClaims: z
    .looseObject({ accessToken: list(claim) })
    .nullish()
    .transform((claims) => claims ?? { accessToken: [] }),
  isFallbackPublicClient: z.boolean().nullish(),
  publicClient: redirects,
  spa: redirects,
  web: redirects.extend({
    homePageUrl: z.string().nullish(),
    implicitGrantSettings: z
      .object({
        enableAccessTokenIssuance: z.boolean().nullish(),
        enableIdTokenIssuance: z.boolean().nullish(),
      })
      .nullish(),
  }),
  requiredResourceAccess: list(
    z.object({
      resourceAppId: z.string(),
      resourceAccess: z.array(z.object({ id: z.string(), type: z.string() })),
    }),
  ),
  ...credentials,
});
export type Application = z.infer<typeof application>;

const principal = z.object({ id: z.string(), tags: list(z.string()), ...credentials });
type Principal = z.infer<typeof principal>;

const resource = z.object({ id: z.string(), appRoles: list(role) });

const grant = z.object({
  id: z.string(),
  consentType: z.string(),
  resourceId: z.string(),
  scope: z.string().nullish(),
});

const assignment = z.object({ resourceId: z.string(), appRoleId: z.string() });

/** An application and its service principal, as far as they exist. */
interface Registration {
  readonly application: Application | undefined;
  readonly principal: Principal | undefined;
}

/** What the tenant has of a deployment. */
export interface State {
  readonly api: Registration;
  readonly portal: Registration;
  /** Microsoft Graph itself. */
  readonly graph: z.infer<typeof resource>;
  /** What was agreed to for the portal. */
  readonly grants: readonly z.infer<typeof grant>[];
  /** The roles of the app's identity. */
  readonly assignments: readonly z.infer<typeof assignment>[];
}

export type Part = 'api' | 'portal';

/** By which a registration is found again: Graph lets nobody change it, nor have it twice. */
export function uniqueName({ AZURE_ENV_NAME }: DeploymentSettings, part: Part): string {
  return `app-passwords-${AZURE_ENV_NAME}-${part}`;
}

export const administrator = 'the role Application Administrator or Cloud Application Administrator';
export const readIt: Purpose = {
  to: 'read the registrations',
  takes: `${administrator}, or for an application the permission Application.Read.All`,
};

const applicationFields =
  'id,appId,signInAudience,identifierUris,api,appRoles,optionalClaims,isFallbackPublicClient,publicClient,spa,web,requiredResourceAccess,passwordCredentials,keyCredentials';
const principalFields = 'id,tags,passwordCredentials,keyCredentials';
const graphAppId = '00000003-0000-0000-c000-000000000000';

/** The address of an application below the version of Graph. */
export function byUniqueName(settings: DeploymentSettings, part: Part): string {
  return `applications(uniqueName='${encodeURIComponent(uniqueName(settings, part))}')`;
}

/** Reads an application of the deployment. */
export function findApplication(graph: Graph, settings: DeploymentSettings, part: Part) {
  return graph.find(application, `${byUniqueName(settings, part)}?$select=${applicationFields}`, readIt);
}

/** Reads an application that must exist, and may be new. */
export function getApplication(graph: Graph, settings: DeploymentSettings, part: Part) {
  return graph.get(application, `${byUniqueName(settings, part)}?$select=${applicationFields}`, readIt);
}

/** Reads a service principal. */
export function findPrincipal(graph: Graph, appId: string) {
  return graph.find(principal, `servicePrincipals(appId='${appId}')?$select=${principalFields}`, readIt);
}

/** Reads a service principal that must exist, and may be new. */
export function getPrincipal(graph: Graph, appId: string) {
  return graph.get(principal, `servicePrincipals(appId='${appId}')?$select=${principalFields}`, readIt);
}

async function findRegistration(
  graph: Graph,
  settings: DeploymentSettings,
  part: Part,
): Promise<Registration> {
  const application = await findApplication(graph, settings, part);
  if (application === undefined) return { application, principal: undefined };
  return { application, principal: await findPrincipal(graph, application.appId) };
}

/** The roles of the app's identity. */
export function listAssignments(graph: Graph, id: string) {
  return graph.list(assignment, `servicePrincipals/${id}/appRoleAssignments`, {
    ...readIt,
    to: "read the roles of the app's identity (APP_PRINCIPAL_ID)",
  });
}

/** What is agreed to for a service principal. */
export function listGrants(graph: Graph, id: string) {
  return graph.list(grant, `servicePrincipals/${id}/oauth2PermissionGrants`, readIt);
}

/** Reads both registrations of the deployment. */
export async function readRegistrations(
  graph: Graph,
  settings: DeploymentSettings,
): Promise<Pick<State, Part>> {
  const api = await findRegistration(graph, settings, 'api');
  return { api, portal: await findRegistration(graph, settings, 'portal') };
}

/** Reads what the tenant has of the deployment. */
export async function readState(graph: Graph, settings: DeploymentSettings): Promise<State> {
  const registrations = await readRegistrations(graph, settings);
  const { principal } = registrations.portal;
  const { APP_PRINCIPAL_ID, FOLLOW_DIRECTORY } = settings;
  return {
    ...registrations,
    graph: await graph.get(resource, `servicePrincipals(appId='${graphAppId}')?$select=id,appRoles`, readIt),
    grants: principal === undefined ? [] : await listGrants(graph, principal.id),
    assignments:
      APP_PRINCIPAL_ID !== undefined && FOLLOW_DIRECTORY
        ? await listAssignments(graph, APP_PRINCIPAL_ID)
        : [],
  };
}

/** A line for each registration that has secrets or certificates, by which somebody could pass for it. */
export function credentialWarnings({ api, portal }: Pick<State, Part>): string[] {
  const lines = (name: string, { application, principal }: Registration) => {
    if (application === undefined) return [];
    return [
      ...warn(
        `The registration of the ${name}`,
        application,
        `az ad app credential delete --id ${application.appId}`,
      ),
      ...warn(
        `The enterprise application of the ${name}`,
        principal,
        `az ad sp credential delete --id ${application.appId}`,
      ),
    ];
  };
  return [...lines('API', api), ...lines('portal', portal)];
}

function warn(
  name: string,
  holder: Pick<Application, keyof typeof credentials> | undefined,
  remedy: string,
): string[] {
  const secrets = holder?.passwordCredentials.length ?? 0;
  const certificates = holder?.keyCredentials.length ?? 0;
  if (secrets + certificates === 0) return [];
  return [
    `${name} has ${secrets} secrets and ${certificates} certificates. Nothing here uses one, and whoever has one passes for it: remove them with "${remedy} --key-id ID"${certificates > 0 ? ' (and --cert for a certificate)' : ''}.`,
  ];
}

/** Where the portal signs in: what portal/sign-in/sign-in.ts gives as redirect_uri; undefined before its address is known. */
export function homeOf({ PORTAL_URL }: DeploymentSettings): string | undefined {
  return PORTAL_URL === undefined ? undefined : `${new URL(PORTAL_URL).origin}/`;
}

/** A line for each way to a token beside the portal's own. */
export function clientWarnings({ api, portal }: Pick<State, Part>, settings: DeploymentSettings): string[] {
  const home = homeOf(settings);
  const lines = (name: string, { application }: Registration, own: (uri: string) => boolean) => {
    if (application === undefined) return [];
    const { appId, isFallbackPublicClient, publicClient, spa, web } = application;
    const foreign = [
      ...spa.redirectUris.filter((uri) => !own(uri)),
      ...web.redirectUris,
      ...publicClient.redirectUris,
    ];
    return [
      ...(isFallbackPublicClient
        ? [
            `The registration of the ${name} allows public client flows, by which a password or a device code alone gets a token. Nothing here uses them: "az ad app update --id ${appId} --is-fallback-public-client false".`,
          ]
        : []),
      ...(foreign.length > 0
        ? [
            `The registration of the ${name} has redirect URIs that are not the portal's: ${foreign.join(', ')}. Whoever is there gets the tokens of who signs in: remove them in the Entra admin center, App registrations, Authentication, of the application ${appId}.`,
          ]
        : []),
    ];
  };
  return [
    ...lines('API', api, () => false),
    ...lines('portal', portal, (uri) => home === undefined || uri === home),
  ];
}
