import { defineConfig } from 'vite';

/**
 * The screens of the till as static files: one page for every address, served by the agent from its own origin.
 * Hashed names under `assets/` may be cached for ever; `index.html` may not.
 */
export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic' } },
  // Workers are modules, so that the face worker loads the one runtime that its model needs.
  worker: { format: 'es' },
  build: {
    outDir: '../../dist/ui',
    emptyOutDir: true,
    target: 'chrome130',
    // From the local disk size does not matter; one file less to wait for does.
    chunkSizeWarningLimit: 2_000,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      // The page at the camera is one of its own, with a permission of its own.
      input: ['index.html', 'capture.html'].map((page) => `${import.meta.dirname}/${page}`),
      // `use client` marks in Mantine's files mean nothing without a server.
      onwarn: (warning, warn) =>
        warning.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : warn(warning),
    },
  },
});
