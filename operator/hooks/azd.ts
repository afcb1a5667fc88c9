import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Refused } from '../refused.ts';

const exec = promisify(execFile);

/**
 * Puts values into azd's environment, and into that of this process; those that are there already are left alone.
 *
 * @throws Refused where azd does not take them
 */
export async function setInAzd(values: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    if (process.env[name] === value) continue;
    await exec('azd', ['env', 'set', name, value]).catch((error) => {
      throw new Refused(
        `azd did not take ${name} (${error.code}): look whether "azd env list" shows the environment, then run "azd up" again.`,
      );
    });
    process.env[name] = value;
  }
}
