import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';

/**
 * Unpacks the zip of an app into a temporary folder, from where nothing else of the repository can be reached.
 *
 * @throws Error if the file cannot be read, or is no zip of an app.
 */
export function unpackApp(zip: string): { readonly folder: string; remove(): void } {
  const files = unzipSync(readFileSync(zip));
  if (files['host.json'] === undefined) throw new Error('it has no host.json');
  const folder = mkdtempSync(join(tmpdir(), 'app-passwords-'));
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
