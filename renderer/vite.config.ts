import vue from '@vitejs/plugin-vue';
import { join } from 'node:path';
import { defineConfig } from 'vite';

// Builds the one page of the console into dist/renderer, for Electron and for the web shell alike.
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: 'true', // vue-router and vue-i18n components still use it
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  build: {
    outDir: join(import.meta.dirname, '../dist/renderer'),
    emptyOutDir: true,
    target: 'chrome120',
    assetsInlineLimit: 0, // the content policy allows no inline data but images
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What every page needs comes in two files instead of fifty: on a cold start each request costs more than its bytes.
        codeSplitting: {
          groups: [
            { name: 'base', test: /node_modules\/(?!@xterm|\.vite)/, tags: ['$initial'] },
            { name: 'shell', test: /renderer\/(ui|stores|ports)\/|renderer\/[\w-]+\.ts$/, tags: ['$initial'] },
          ],
        },
      },
    },
    sourcemap: false,
  },
});
