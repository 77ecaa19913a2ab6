import { defineConfig } from 'vite';
import react from '@vitejs/plugin-react';

/** Targets lower syntax, not APIs: the renderer's TypeScript `lib` keeps newer APIs out. */
export default defineConfig({
  root: 'renderer',
  // The page is served by a protocol of the app's own, under whatever path: every reference is relative.
  base: './',
  plugins: [react()],
  build: {
    target: 'chrome108',
    chunkSizeWarningLimit: 4096,
    // Under the strict content security policy fonts and images must be files, not data URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
