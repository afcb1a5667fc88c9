import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import { zipSync } from 'fflate';

/** MS-DOS time, as a zip has it, begins here; a fixed one makes the same bytes of the same files. */
const epoch = new Date(1980, 0, 1);
const [readable, regularFile] = [0o644, 0o100_000];
const unix = 3;

/**
 * Packs what `npm run build` made, into `package/`: `app/` is all that the app consists of, `app-passwords.zip` the
 * same for a deployment and always of the same bytes, `maps/` are its source maps.
 */
process.chdir(join(import.meta.dirname, '..'));
const { name, version, type, main } = JSON.parse(readFileSync('package.json', 'utf8'));
rmSync('package', { recursive: true, force: true });
mkdirSync('package/app/dist', { recursive: true });
for (const part of ['functions', 'chunks', 'portal', 'branding'].filter((it) => existsSync(`dist/${it}`)))
  cpSync(`dist/${part}`, `package/app/dist/${part}`, { recursive: true });
cpSync('dist/maps', 'package/maps', { recursive: true });
cpSync('host.json', 'package/app/host.json');
writeFileSync(
  'package/app/package.json',
  `${JSON.stringify({ name, version, private: true, type, main }, null, 2)}\n`,
);

const files = globSync('package/app/**/*', { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();
const inZip = (file: string) => relative('package/app', file).replaceAll(sep, '/');
writeFileSync(
  'package/app-passwords.zip',
  zipSync(Object.fromEntries(files.map((file) => [inZip(file), readFileSync(file)])), {
    level: 9,
    mtime: epoch,
    os: unix,
    attrs: (regularFile | readable) << 16,
  }),
);

console.log(
  `package/app-passwords.zip: ${files.length} files, ${statSync('package/app-passwords.zip').size} bytes`,
);
