import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

// Component tests run in happy-dom, beside the components they test.
export default defineConfig({
  plugins: [vue()],
  test: {
    name: 'renderer',
    root: import.meta.dirname,
    environment: 'happy-dom',
    include: ['**/*.test.ts'],
    testTimeout: 20_000,
  },
});
