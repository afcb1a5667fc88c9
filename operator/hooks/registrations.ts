import { readDeploymentSettings } from '../../shared/settings/settings.ts';
import { type Declare, exitCodeOf, type Invocation, notAllowed } from '../command.ts';
import { commandLine } from '../entra/command-line.ts';
import { Refused } from '../refused.ts';

const needed = ['API_CLIENT_ID', 'PORTAL_CLIENT_ID', 'MFA_EVIDENCE'];

/**
 * Makes the registrations in Entra ID, or completes them. Where that takes somebody else, it is said what they run; where they
 * have made them before, the deployment goes on meanwhile.
 *
 * @returns the settings that the deployment takes from them
 * @throws Refused where there are none; `entra` has said why
 */
export async function register(entra: Declare, invocation: Invocation): Promise<Record<string, string>> {
  const { env, print } = invocation;
  const { code, lines } = await runEntra(entra, invocation, ['apply']);
  if (code === 0) return settingsIn(lines);
  const { API_CLIENT_ID, PORTAL_CLIENT_ID, AZURE_TENANT_ID, MFA_EVIDENCE = 'amr:mfa' } = env;
  if (code !== notAllowed)
    throw new Refused(
      'The registrations in Entra ID are not complete: see above. Then run "azd up" again, which goes on from here.',
    );
  const steps = `Who administers Entra ID runs this in a clone of this project, also if some of it is done already:

  npm ci
  az login --allow-no-subscriptions${AZURE_TENANT_ID ? ` --tenant ${AZURE_TENANT_ID}` : ''}
  ${commandLine(readDeploymentSettings(env), 'apply')}
`;
  if (!API_CLIENT_ID || !PORTAL_CLIENT_ID)
    throw new Refused(
      `${steps}\nThen run "azd up" again: it finds what they made. Where you may not even read it, set what the last command prints, each by "azd env set NAME VALUE".`,
    );
  print(steps);
  return { API_CLIENT_ID, PORTAL_CLIENT_ID, MFA_EVIDENCE };
}

/**
 * Looks whether anybody asks for the second factor that the app takes, and has it said if not.
 *
 * @param browser whether somebody may be asked to sign in for it, as what azd is signed in for may not read policies
 * @throws Refused where nobody does, and the evidence is an authentication context, which proves nothing then
 */
export async function checkSecondFactor(
  entra: Declare,
  invocation: Invocation,
  browser: boolean,
): Promise<void> {
  const { env, print } = invocation;
  const isContext = env.MFA_EVIDENCE?.startsWith('acrs:') ?? false;
  const { code } = await runEntra(entra, invocation, [
    'check',
    ...(browser && isContext ? ['--browser'] : []),
  ]);
  if (code === 0) return;
  if (isContext)
    throw new Refused(
      'Nothing asks for the second factor that MFA_EVIDENCE names, so the deployment stops: see above. Then run "azd up" again.',
    );
  const settings = readDeploymentSettings(env);
  print(`Whether a Conditional Access policy asks for a second factor cannot be seen from here. Until one does, nobody can use the page.
Who has the role Security Reader sees it, and the Conditional Access Administrator makes one:

  ${commandLine(settings, 'check --browser')}
  ${commandLine(settings, 'policy --apply --browser')}
`);
}

function settingsIn(lines: readonly string[]): Record<string, string> {
  const settings = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
  const missing = needed.filter((name) => !settings[name]);
  if (missing.length === 0) return settings;
  throw new Refused(`"npm run entra -- apply" did not print ${missing.join(', ')}: run it alone to see why.`);
}

/** Also whatever `apply` says goes to the person; its settings do not. */
async function runEntra(
  entra: Declare,
  invocation: Invocation,
  args: readonly ['apply' | 'check', ...string[]],
): Promise<{ code: number; lines: readonly string[] }> {
  const lines: string[] = [];
  const print = args[0] === 'apply' ? (text: string) => lines.push(text) : invocation.print;
  const code = await exitCodeOf(
    { entra: async () => entra },
    { ...invocation, args: ['entra', ...args], print },
  );
  return { code, lines };
}
