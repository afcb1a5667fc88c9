import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    outDir: '../dist/portal',
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: 'hidden',
    // Everything is a file of its own, as the page's policy allows nothing inside it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
