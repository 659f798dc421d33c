import { defineConfig } from 'vitest/config';

// Four projects in one run, one group after the other: `unit` and `renderer` (seconds, need nothing), `integration`
// (real etcd, Docker, nftables, sshd, browser) and `e2e` (whole labs; two files at a time: mostly, labs wait).
// Only when asked for: `vm` (real virtual machines under emulation, npm run test:vm) and `faults` (every step of
// provisioning broken in every way, npm run test:faults; `e2e` takes a sample of it).
const parts = '{api,machinery,control-plane,agent,provisioning,electron,cli,build}';

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${parts}/**/*.test.ts`, 'test/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.integration.test.ts'],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      './renderer/vitest.config.ts',
      {
        extends: true,
        test: {
          name: 'integration',
          include: [`${parts}/**/*.integration.test.ts`, 'test/integration/**/*.test.ts'],
          testTimeout: 120_000,
          // The first lab on a fresh machine makes its base tree and fetches its packages.
          hookTimeout: 600_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: [
            'test/e2e/**/*.test.ts',
            // A sample of the faults; all of them, and what takes minutes, run in `faults`.
            'test/faults/{agent-robustness,provisioning-every-step}.test.ts',
          ],
          globalSetup: ['test/e2e/global-setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          env: { PILOTHOUSE_FAULTS: 'all' },
          testTimeout: 1_200_000,
          hookTimeout: 600_000,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: 'vm',
          include: ['test/vm/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 3_600_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
