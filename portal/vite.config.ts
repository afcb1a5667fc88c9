import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    outDir: '../dist/portal',
    emptyOutDir: true,
    // The phones that need an app password are old ones.
    target: ['safari15.4', 'chrome90', 'firefox90'],
    sourcemap: 'hidden',
    // Everything is a file of its own, as the page's policy allows nothing inside it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
