import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Refused } from '../../shared/refused.ts';

const entra = fileURLToPath(new URL('../entra.ts', import.meta.url));
const needed = ['API_CLIENT_ID', 'PORTAL_CLIENT_ID', 'MFA_EVIDENCE'];

/** What azd and az are signed in for may not read policies; a person at a terminal signs in once more for that. */
const browser = process.stdout.isTTY ? ['--browser'] : [];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Makes the registrations in Entra ID, or completes them. Where an authentication context is the evidence of a second
 * factor, somebody must also ask for that factor: `entra check` looks.
 *
 * @returns the settings that the deployment takes from them
 * @throws Refused where they could not be made, or the check fails; `entra` has said why
 */
export async function register(environment: Environment): Promise<Record<string, string>> {
  const settings = settingsIn(await runEntra('apply', environment));
  if (settings.MFA_EVIDENCE?.startsWith('acrs:'))
    await runEntra('check', { ...environment, ...settings }, ...browser);
  return settings;
}

function settingsIn(output: string): Record<string, string> {
  const lines = output.split(/\r?\n/).filter((line) => line !== '');
  const settings = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
  const missing = needed.filter((name) => !settings[name]);
  if (missing.length === 0) return settings;
  throw new Refused(`"npm run entra -- apply" did not print ${missing.join(', ')}: run it alone to see why.`);
}

function runEntra(command: 'apply' | 'check', env: Environment, ...options: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [entra, command, ...options], { env }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new Refused(refusal[command]));
    });
    child.stderr?.pipe(process.stderr);
    if (command === 'check') child.stdout?.pipe(process.stdout);
  });
}

const refusal = {
  apply:
    'The registrations in Entra ID are not complete: see above. Then run "azd up" again, which goes on from here.',
  check:
    'Nothing asks for the second factor that MFA_EVIDENCE names, so the deployment stops: see above. Then run "azd up" again.',
};
