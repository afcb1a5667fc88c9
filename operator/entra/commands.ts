import { Refused } from '../../shared/refused.ts';
import type { DeploymentSettings } from '../../shared/settings.ts';
import { changesFor, madeIn } from './changes.ts';
import type { Graph } from './graph.ts';
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
      ? ['PORTAL_URL is not set: redirect URI and home page are left until it is.']
      : []),
    ...(APP_PRINCIPAL_ID === undefined && FOLLOW_DIRECTORY
      ? ["APP_PRINCIPAL_ID is not set: the app's access to the directory is left until it is."]
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
  const registrations = await readRegistrations(graph, settings);
  const { application } = registrations.api;
  if (application === undefined) {
    throw new Refused(
      `Nothing is registered for the deployment ${settings.AZURE_ENV_NAME}: run "npm run entra -- apply" first.`,
    );
  }
  for (const line of warnings(registrations, settings)) say(line);
  if (settings.PORTAL_URL === undefined)
    say("PORTAL_URL is not set: whether the portal's redirect URIs are its own was not looked at.");
  const [kind, value = ''] = settings.MFA_EVIDENCE.split(/:(.*)/s);
  const context = kind === 'acrs' ? value : undefined;
  const verdicts = await secondFactorPolicies(graph, { appId: application.appId, context });
  const good = verdicts.find(({ lacks }) => lacks.length === 0);
  if (good !== undefined) {
    say(`The Conditional Access policy ${good.name} asks everybody for a second factor.`);
    return;
  }
  const target = context === undefined ? 'this app' : `the authentication context ${context} or this app`;
  const report = [
    `No enabled Conditional Access policy always asks everybody for a second factor for ${target}.`,
    ...verdicts.map(({ name, lacks }) => `  ${name}: ${lacks.join('; ')}`),
    `Make one in the Entra admin center: all users, no exclusions, target ${context === undefined ? `the app ${application.appId}` : `the authentication context ${context}`}, grant with multifactor authentication. Then: npm run entra -- check`,
  ].join('\n');
  if (context !== undefined) {
    throw new Refused(
      `${report}\nUntil then ${settings.MFA_EVIDENCE} proves no second factor, and the deployment must not go on.`,
    );
  }
  say(
    `${report}\nNothing is open without it: the app itself refuses tokens without amr mfa. People who signed in with a password alone are only sent to sign in with a second factor, or to register one.`,
  );
}
