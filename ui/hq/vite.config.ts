import { defineConfig } from 'vite';
import { compressAssets } from '../../scripts/compress-assets.ts';

/**
 * The console of HQ as static files, served by HQ from its own origin: one page for every address.
 * Hashed names under `assets/` may be cached for ever; `index.html` may not.
 */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [compressAssets()],
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    outDir: '../../dist/hq-ui',
    emptyOutDir: true,
    target: 'chrome130',
    // It comes once and is kept; one file less to wait for counts for more.
    chunkSizeWarningLimit: 2_000,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      // `use client` marks in Mantine's files mean nothing without a server.
      onwarn: (warning, warn) =>
        warning.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : warn(warning),
    },
  },
});
