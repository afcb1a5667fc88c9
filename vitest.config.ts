import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** What each mode runs; without one it is all that no other command runs. */
const modes: Readonly<Record<string, { include: string[]; exclude?: string[] }>> = {
  test: { include: ['test/**/*.test.ts'], exclude: ['test/{gateways,storm,e2e,portal}/**'] },
  unit: { include: ['test/unit/**/*.test.ts'] },
  portal: { include: ['test/portal/*.test.ts'] },
  e2e: { include: ['test/e2e/*.test.ts'] },
  'storm-short': { include: ['test/storm/*.test.ts'] },
  storm: { include: ['test/{storm,fuzz}/*.test.ts'] },
  // They need programs of Debian, and root; a command of their own installs them.
  gateways: { include: ['test/gateways/*.test.ts'] },
};

export default defineConfig(({ mode }) => ({
  test: {
    exclude: [],
    ...modes[mode],
    // Unit tests leave nothing behind, so that they load the app once for all files.
    isolate: mode !== 'unit',
    globalSetup: mode === 'gateways' ? ['test/gateways/install.ts'] : [],
    // The gateways' wait more than they work, as devices do.
    maxWorkers: mode === 'gateways' ? 8 : 2,
    hookTimeout: 60_000,
    testTimeout: mode === 'storm' ? 600_000 : 60_000,
    // What tests start again and again is compiled once.
    // Storms and fuzz are as long as they should be in "npm run test:storm", and short elsewhere.
    env: {
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node', import.meta.url)),
      ...(mode === 'storm' && { STORM: 'full' }),
    },
  },
}));
