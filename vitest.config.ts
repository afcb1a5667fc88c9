import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  test: {
    include: ['test/**/*.test.ts'],
    hookTimeout: 60_000,
    testTimeout: mode === 'storm' ? 600_000 : 60_000,
    // Storms and fuzz are short in "npm test", and as long as they should be in "npm run test:storm".
    env: mode === 'storm' ? { STORM: 'full' } : {},
  },
}));
