/**
 * Makes `dist/`: the functions in one file, so that an instance that wakes up reads few; what is loaded later in
 * chunks of its own; the page; logos; and their source maps, apart, as they are not deployed. With `--debug` the functions
 * are not minified, and their maps stay where a debugger finds them.
 */

import { cpSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { build } from 'esbuild';
import { build as buildPage } from 'vite';
import { checkLogo } from './shared/settings/logo.ts';
import { logoName } from './shared/settings/settings.ts';

process.chdir(import.meta.dirname);
// What is built does not depend on who builds it: Vite would put file names into the page otherwise.
process.env.NODE_ENV = 'production';
rmSync('dist', { recursive: true, force: true });
const forDebugger = process.argv.includes('--debug');

// Logos of the organization, if whoever deploys has put any there.
for (const logo of globSync('branding/*')
  .map((file) => basename(file))
  .filter((name) => logoName.test(name))) {
  checkLogo('branding', logo);
  cpSync(`branding/${logo}`, `dist/branding/${logo}`);
}

await build({
  stdin: {
    contents: ['shared/start.ts', ...globSync('functions/*.ts').sort()]
      .map((file) => `import './${file}';`)
      .join('\n'),
    resolveDir: '.',
  },
  outdir: 'dist',
  entryNames: 'functions/app',
  // Outside "functions", where the host takes every file for one.
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  minify: !forDebugger,
  sourcemap: forDebugger ? 'linked' : 'external',
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // The first comes from the host; the second is there by chance, and debug does without it.
  external: ['@azure/functions-core', 'supports-color'],
  // Some packages still call require, which a module does not have.
  banner: {
    js: "import{createRequire as nodeRequire}from'node:module';const require=nodeRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
await buildPage({ root: 'portal', logLevel: 'warn' });

for (const file of globSync(forDebugger ? 'dist/portal/**/*.map' : 'dist/**/*.map')) {
  const map = file.replace(/^dist/, 'dist/maps');
  mkdirSync(dirname(map), { recursive: true });
  renameSync(file, map);
}
