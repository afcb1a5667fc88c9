import * as z from 'zod';
import type { Graph } from './graph.ts';

const words = z
  .array(z.string())
  .nullish()
  .transform((items) => items ?? []);

const conditions = z.looseObject({
  users: z.looseObject({ includeUsers: words, excludeUsers: words }).nullish(),
  applications: z.looseObject({
    includeApplications: words,
    excludeApplications: words,
    includeAuthenticationContextClassReferences: words,
  }),
  clientAppTypes: words,
  platforms: z.looseObject({ includePlatforms: words, excludePlatforms: words }).nullish(),
  locations: z.looseObject({ includeLocations: words, excludeLocations: words }).nullish(),
});

/** @see https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy?view=graph-rest-1.0 */
const policySchema = z.object({
  displayName: z.string().nullish(),
  state: z.string(),
  conditions,
  grantControls: z
    .looseObject({
      operator: z.string().nullish(),
      builtInControls: words,
      customAuthenticationFactors: words,
      termsOfUse: words,
      authenticationStrength: z.looseObject({ allowedCombinations: words }).nullish(),
    })
    .nullish(),
});
type Policy = z.infer<typeof policySchema>;
type Conditions = z.infer<typeof conditions>;

/** What a policy would have to ask for a second factor for. */
export interface Target {
  /** The API, which the portal's tokens are for. */
  readonly appId: string;
  /** The authentication context, where it is the evidence. */
  readonly context: string | undefined;
  /** The accounts that a policy may leave out. */
  readonly emergencyAccounts: readonly string[];
}

export interface Verdict {
  readonly name: string;
  /** Why it does not ask everybody for a second factor, always; empty where it does. */
  readonly lacks: readonly string[];
}

/**
 * Reads the Conditional Access policies of the tenant.
 *
 * @returns what is to be said of each one that aims at the target and asks for a second factor
 */
export async function secondFactorPolicies(graph: Graph, target: Target): Promise<Verdict[]> {
  const policies = await graph.list(policySchema, 'identity/conditionalAccess/policies', {
    to: 'read the Conditional Access policies',
    takes:
      'the permission Policy.Read.All, which the Azure CLI does not ask for: run "npm run entra -- check --browser" as somebody with the role Security Reader, or sign in as an application that has it',
  });
  return policies.filter((policy) => aimsAt(policy, target)).map((policy) => judge(policy, target));
}

function aimsAt({ conditions: { applications }, grantControls, state }: Policy, target: Target): boolean {
  const { includeApplications, includeAuthenticationContextClassReferences } = applications;
  const isForThis =
    includeApplications.includes('All') ||
    includeApplications.includes(target.appId) ||
    (target.context !== undefined && includeAuthenticationContextClassReferences.includes(target.context));
  const isAboutFactors =
    grantControls?.builtInControls.includes('mfa') || grantControls?.authenticationStrength != null;
  return state !== 'disabled' && isForThis && isAboutFactors;
}

function judge({ displayName, state, conditions, grantControls }: Policy, target: Target): Verdict {
  const lacks = [
    ...(state === 'enabled' ? [] : ['it is report-only']),
    ...peopleLeftOut(conditions, target),
    ...(conditions.applications.excludeApplications.includes(target.appId) ? ['it excludes this app'] : []),
    ...narrowing(conditions),
    ...(asksForFactor(grantControls) ? [] : ['it also lets people in without a second factor']),
  ];
  // The name is whatever somebody typed.
  return { name: JSON.stringify(displayName ?? ''), lacks };
}

function peopleLeftOut({ users }: Conditions, { emergencyAccounts }: Target): string[] {
  const { includeUsers: _, excludeUsers = [], ...others } = users ?? {};
  const excluded =
    excludeUsers.some((id) => !emergencyAccounts.includes(id)) ||
    Object.entries(others).some(([name, value]) => name.startsWith('exclude') && !isUnset(value));
  return [
    ...(users?.includeUsers.includes('All') ? [] : ['it is not for all users']),
    ...(excluded ? ['it excludes users, groups, roles or guests other than EMERGENCY_ACCOUNTS'] : []),
  ];
}

/** A condition that is not known here may narrow it, too. */
function narrowing(conditions: Conditions): string[] {
  const { users: _, applications, clientAppTypes, platforms, locations, ...others } = conditions;
  const isForAllClients =
    clientAppTypes.includes('all') ||
    ['browser', 'mobileAppsAndDesktopClients'].every((type) => clientAppTypes.includes(type));
  const isEverywhere =
    !locations || (locations.includeLocations.includes('All') && locations.excludeLocations.length === 0);
  const isOnAll =
    !platforms || (platforms.includePlatforms.includes('all') && platforms.excludePlatforms.length === 0);
  return [
    ...(isForAllClients ? [] : ['it is not for all client apps']),
    ...(isEverywhere ? [] : ['it depends on the location']),
    ...(isOnAll ? [] : ['it depends on the platform']),
    ...(isUnset(applications.applicationFilter) ? [] : ['it filters apps']),
    ...Object.entries(others)
      .filter(([name, value]) => !name.includes('@') && !isUnset(value))
      .map(([name]) => `it depends on ${name}`),
  ];
}

function isUnset(value: unknown): boolean {
  return value == null || (Array.isArray(value) && value.length === 0);
}

/** With OR each alternative must be a second factor; with AND one is enough. */
function asksForFactor(controls: Policy['grantControls']): boolean {
  if (controls == null) return false;
  const { builtInControls, customAuthenticationFactors, termsOfUse, authenticationStrength } = controls;
  const strength = authenticationStrength?.allowedCombinations;
  const alternatives = [
    ...builtInControls.map((control) => control === 'mfa'),
    ...[...customAuthenticationFactors, ...termsOfUse].map(() => false),
    ...(strength === undefined ? [] : [strength.length > 0 && strength.every(isMultifactor)]),
  ];
  if (alternatives.length === 0) return false;
  return controls.operator === 'AND' ? alternatives.includes(true) : !alternatives.includes(false);
}

/** What is two factors by itself. */
const multifactor = [
  'fido2',
  'windowsHelloForBusiness',
  'x509CertificateMultiFactor',
  'deviceBasedPush',
  'federatedMultiFactor',
  'temporaryAccessPassOneTime',
  'temporaryAccessPassMultiUse',
];
const firstFactors = ['password', 'federatedSingleFactor', 'x509CertificateSingleFactor'];
const secondFactors = ['microsoftAuthenticatorPush', 'softwareOath', 'hardwareOath', 'sms', 'voice'];

/**
 * Whether a combination of methods, separated by commas, is two factors.
 *
 * @see https://learn.microsoft.com/entra/identity/authentication/concept-authentication-strengths
 */
function isMultifactor(combination: string): boolean {
  const methods = combination.split(',').map((method) => method.trim());
  return (
    methods.some((method) => multifactor.includes(method)) ||
    (methods.some((method) => firstFactors.includes(method)) &&
      methods.some((method) => secondFactors.includes(method)))
  );
}
