import { statSync } from 'node:fs';
import { join } from 'node:path';
import { BadSettings } from './settings.ts';

/** How many bytes a logo may have: it comes with the first words of the page. */
const logoAtMost = 50_000;

/**
 * Looks whether a logo is where it was put.
 *
 * @param folder that of the package, or `branding` of the sources
 * @throws BadSettings where it is not there, or too large
 */
export function checkLogo(folder: string, name: string | undefined): void {
  if (name === undefined) return;
  const size = statSync(join(folder, name), { throwIfNoEntry: false })?.size;
  if (size === undefined)
    throw new BadSettings('PORTAL_LOGO: names a file that is not in the folder branding of the package');
  if (size > logoAtMost) throw new BadSettings(`PORTAL_LOGO: names a file of more than ${logoAtMost} bytes`);
}
