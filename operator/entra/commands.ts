import type { DeploymentSettings } from '../../shared/settings/settings.ts';
import { Refused } from '../refused.ts';
import { changesFor, madeIn } from './changes.ts';
import { commandLine } from './command-line.ts';
import { restoreDeleted } from './deleted.ts';
import type { Graph } from './graph.ts';
import { enforcePolicy, makePolicy, policyFor } from './policy.ts';
import { secondFactorPolicies } from './second-factor.ts';
import {
  clientWarnings,
  credentialWarnings,
  type Part,
  readRegistrations,
  readState,
  type State,
} from './state.ts';

type Say = (line: string) => void;

/** Says what {@link apply} would do; changes nothing. @throws Refused */
export async function plan(graph: Graph, settings: DeploymentSettings, say: Say): Promise<void> {
  let restored = 0;
  const sayRestored = (line: string) => {
    restored++;
    say(line);
  };
  await restoreDeleted(graph, settings, { say: sayRestored, isPlan: true });
  if (restored > 0) return say('What else is to change shows when that is back: "apply" does all of it.');
  const state = await readState(graph, settings);
  const changes = changesFor(state, settings);
  for (const { what } of changes) say(what);
  if (changes.length === 0) say('There is nothing to change.');
  for (const line of [...warnings(state, settings), ...leftForLater(settings)]) say(line);
}

/**
 * Makes the registrations what the deployment needs. What was interrupted goes on where it was.
 *
 * @param say is told each change once it is done
 * @returns the settings that the deployment needs, by their names
 * @throws Refused
 */
export async function apply(
  graph: Graph,
  settings: DeploymentSettings,
  say: Say,
): Promise<Record<string, string>> {
  await restoreDeleted(graph, settings, { say, isPlan: false });
  const state = await readState(graph, settings);
  const changes = changesFor(state, settings);
  const made = madeIn(state);
  for (const { what, make } of changes) {
    await make(graph, made);
    say(what);
  }
  if (changes.length === 0) say('There is nothing to change.');
  for (const line of [...warnings(state, settings), ...leftForLater(settings)]) say(line);
  const { api, portal } = made.application;
  return {
    API_CLIENT_ID: api?.appId ?? '',
    PORTAL_CLIENT_ID: portal?.appId ?? '',
    MFA_EVIDENCE: settings.MFA_EVIDENCE,
  };
}

function warnings(state: Pick<State, Part>, settings: DeploymentSettings): string[] {
  return [...credentialWarnings(state), ...clientWarnings(state, settings)];
}

function leftForLater({ PORTAL_URL, APP_PRINCIPAL_ID, FOLLOW_DIRECTORY }: DeploymentSettings): string[] {
  return [
    ...(PORTAL_URL === undefined
      ? ['PORTAL_URL is not set: redirect URI and home page follow after "azd up", which says how.']
      : []),
    ...(APP_PRINCIPAL_ID === undefined && FOLLOW_DIRECTORY
      ? ["APP_PRINCIPAL_ID is not set: so does the app's access to the directory."]
      : []),
  ];
}

/**
 * Says whether Conditional Access really asks for a second factor, and which ways to a token there are beside the portal's.
 *
 * @throws Refused where it does not, and the evidence is an authentication context: such a one may be given out
 * without any policy, and would prove nothing.
 */
export async function check(graph: Graph, settings: DeploymentSettings, say: Say): Promise<void> {
  const { AZURE_ENV_NAME, MFA_EVIDENCE, EMERGENCY_ACCOUNTS: emergencyAccounts } = settings;
  const registrations = await readRegistrations(graph, settings);
  const appId = idOf(registrations.api.application, AZURE_ENV_NAME);
  for (const line of warnings(registrations, settings)) say(line);
  if (settings.PORTAL_URL === undefined)
    say("PORTAL_URL is not set: whether the portal's redirect URIs are its own was not looked at.");
  const [kind, value = ''] = MFA_EVIDENCE.split(/:(.*)/s);
  const context = kind === 'acrs' ? value : undefined;
  const verdicts = await secondFactorPolicies(graph, { appId, context, emergencyAccounts });
  const good = verdicts.find(({ lacks }) => lacks.length === 0);
  if (good !== undefined) {
    say(`The Conditional Access policy ${good.name} asks everybody for a second factor.`);
    return;
  }
  const target = context === undefined ? 'this app' : `the authentication context ${context} or this app`;
  const report = [
    `No enabled Conditional Access policy always asks everybody for a second factor for ${target}.`,
    ...verdicts.map(({ name, lacks }) => `  ${name}: ${lacks.join('; ')}`),
    ...(context === undefined
      ? [
          'Nobody can use the page until one does: it takes only a sign-in with a second factor, and cannot ask for one.',
        ]
      : [`Until one does, ${MFA_EVIDENCE} proves no second factor, and the deployment must not go on.`]),
    'This makes such a policy, which asks nobody yet, and says how to enforce it:',
    `\n  ${commandLine(settings, 'policy --apply --browser')}\n`,
  ].join('\n');
  if (context !== undefined) throw new Refused(report);
  say(report);
}

/**
 * Prints the policy that asks for a second factor, makes it, or has it ask.
 *
 * @throws Refused
 */
export async function policy(
  graph: Graph,
  settings: DeploymentSettings,
  { act, say }: { readonly act: 'print' | 'apply' | 'enforce'; readonly say: Say },
): Promise<void> {
  const { api } = await readRegistrations(graph, settings);
  const appId = idOf(api.application, settings.AZURE_ENV_NAME);
  if (act === 'enforce') return enforcePolicy(graph, policyFor(settings, appId), { settings, say });
  if (settings.EMERGENCY_ACCOUNTS.length === 0)
    say(
      'It excludes no emergency account: where you have some, name their object ids in EMERGENCY_ACCOUNTS.',
    );
  if (act === 'apply') return makePolicy(graph, policyFor(settings, appId), { settings, say });
  say(JSON.stringify(policyFor(settings, appId), null, 2));
  say(`\nMake it, report-only: ${commandLine(settings, 'policy --apply --browser')}`);
}

function idOf(application: { readonly appId: string } | undefined, environment: string): string {
  if (application !== undefined) return application.appId;
  throw new Refused(
    `Nothing is registered for the deployment ${environment}: run "npm run entra -- apply" first.`,
  );
}
