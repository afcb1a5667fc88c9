import * as z from 'zod';
import type { DeploymentSettings } from '../../shared/settings/settings.ts';
import { Refused } from '../refused.ts';
import { commandLine } from './command-line.ts';
import type { Graph } from './graph.ts';
import { readIt } from './state.ts';

const policyShape = z.object({ id: z.string(), displayName: z.string().nullish(), state: z.string() });

const policies = 'identity/conditionalAccess/policies';
const takes =
  'the role Conditional Access Administrator and Microsoft Entra ID P1, and a sign-in with "--browser", as the Azure CLI does not ask for the permission';

/** What asks everybody for a second factor, for the API or for the authentication context that is the evidence. Report-only at first. */
export function policyFor(settings: DeploymentSettings, appId: string) {
  const [kind, value = ''] = settings.MFA_EVIDENCE.split(/:(.*)/s);
  return {
    displayName: `App Passwords (${settings.AZURE_ENV_NAME}): second factor`,
    state: 'enabledForReportingButNotEnforced',
    conditions: {
      users: { includeUsers: ['All'], excludeUsers: settings.EMERGENCY_ACCOUNTS },
      applications:
        kind === 'acrs'
          ? { includeAuthenticationContextClassReferences: [value] }
          : { includeApplications: [appId] },
      clientAppTypes: ['all'],
    },
    grantControls: { operator: 'OR', builtInControls: ['mfa'] },
  };
}

type Policy = ReturnType<typeof policyFor>;

interface Told {
  readonly settings: DeploymentSettings;
  readonly say: (line: string) => void;
}

/**
 * Makes the policy, report-only, unless it is there.
 *
 * @see https://learn.microsoft.com/graph/api/conditionalaccessroot-post-policies
 */
export async function makePolicy(graph: Graph, body: Policy, { settings, say }: Told): Promise<void> {
  const found = await findPolicy(graph, body.displayName);
  if (found === undefined)
    await graph.write({ to: 'make the policy', takes, method: 'POST', path: policies, body });
  if (found?.state === 'enabled') return say('The policy is there, and asks already.');
  say(`The policy "${body.displayName}" is ${found ? 'there' : 'made'}, report-only: it asks nobody yet, and the sign-in logs say whom it would ask.
${reach(settings)} Nobody can use the page until it asks. Security defaults have to be off before. Enforce it:

  ${commandLine(settings, 'policy --enforce --browser')}`);
}

function reach({ MFA_EVIDENCE }: DeploymentSettings): string {
  return MFA_EVIDENCE.startsWith('acrs:')
    ? 'It is for every app that asks for that authentication context.'
    : 'It is for this app alone, and asks nobody who does not open the page.';
}

/** Has the policy ask. @throws Refused where there is none */
export async function enforcePolicy(
  graph: Graph,
  { displayName }: Policy,
  { settings, say }: Told,
): Promise<void> {
  const found = await findPolicy(graph, displayName);
  if (found === undefined)
    throw new Refused(
      `There is no policy "${displayName}" yet: ${commandLine(settings, 'policy --apply --browser')}`,
    );
  const path = `${policies}/${found.id}`;
  if (found.state !== 'enabled')
    await graph.write({ to: 'enforce the policy', takes, method: 'PATCH', path, body: { state: 'enabled' } });
  say('The policy asks for a second factor from now on; everywhere, in a few minutes.');
}

async function findPolicy(graph: Graph, displayName: string) {
  const all = await graph.list(policyShape, policies, { ...readIt, to: 'read the policies', takes });
  return all.find((policy) => policy.displayName === displayName);
}
