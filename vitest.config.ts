import { defineConfig } from 'vitest/config';

// Two projects in one runner: `unit` runs beside the code in seconds and needs nothing;
// `integration` uses real etcd, Docker, nftables, sshd and a browser, and is driven by build/setup/test.mjs.
export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{api,machinery,control-plane,agent,provisioning,electron,cli,build}/**/*.test.ts', 'test/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.integration.test.ts'],
          testTimeout: 20_000,
        },
      },
      './renderer/vitest.config.ts',
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['{machinery,control-plane,agent,provisioning,electron,cli}/**/*.integration.test.ts', 'test/{integration,e2e,faults}/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
