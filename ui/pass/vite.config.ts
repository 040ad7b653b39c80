import { defineConfig } from 'vite';
import { compressAssets } from '../../scripts/compress-assets.ts';

/**
 * The member's pass as static files, served by HQ under `/pass/`. Hashed names under `assets/` may be cached for ever;
 * the page and its service worker, whose name must stay, may not.
 */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [compressAssets()],
  base: '/pass/',
  build: {
    outDir: '../../dist/pass',
    emptyOutDir: true,
    // Phones are older than tills: what has private keys that cannot be read out, and no less.
    target: ['chrome100', 'safari15.4', 'firefox102'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: `${import.meta.dirname}/index.html`, sw: `${import.meta.dirname}/sw.ts` },
      output: {
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
