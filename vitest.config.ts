import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  test: {
    // The gateways' tests need programs of Debian, and root; they run by a command of their own, which installs them.
    include:
      mode === 'gateways'
        ? ['test/gateways/*.test.ts']
        : mode === 'storm'
          ? ['test/{storm,fuzz}/*.test.ts']
          : mode === 'unit'
            ? ['test/unit/**/*.test.ts']
            : ['test/**/*.test.ts'],
    exclude: mode === 'gateways' ? [] : ['test/gateways/**'],
    // Unit tests leave nothing behind, so that they load the app once for all files.
    isolate: mode !== 'unit',
    globalSetup: mode === 'gateways' ? ['test/gateways/install.ts'] : [],
    // The gateways' wait more than they work, as devices do.
    maxWorkers: mode === 'gateways' ? 8 : 2,
    hookTimeout: 60_000,
    testTimeout: mode === 'storm' ? 600_000 : 60_000,
    // What tests start again and again is compiled once.
    // Storms and fuzz are short in "npm test", and as long as they should be in "npm run test:storm".
    env: {
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node', import.meta.url)),
      ...(mode === 'storm' && { STORM: 'full' }),
    },
  },
}));
