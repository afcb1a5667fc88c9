import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Environment } from '../command.ts';
import { Refused } from '../refused.ts';

const exec = promisify(execFile);

/**
 * Puts values into azd's environment; those that are there already are left alone.
 *
 * @returns the environment with these values
 * @throws Refused where azd does not take them
 */
export async function setInAzd(
  env: Environment,
  values: Readonly<Record<string, string>>,
): Promise<Environment> {
  for (const [name, value] of Object.entries(values)) {
    if (env[name] === value) continue;
    await exec('azd', ['env', 'set', name, value], { env }).catch((error) => {
      throw new Refused(
        `azd did not take ${name} (${error.code}): look whether "azd env list" shows the environment, then run "azd up" again.`,
      );
    });
  }
  return { ...env, ...values };
}
