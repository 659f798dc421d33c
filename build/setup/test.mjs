// `npm test`: sets everything up, then runs every test: unit, integration, end to end. Skips are counted aloud by
// vitest; as root on Debian with CI=true, test/support/requirements.ts turns a skip into a failure.
// `--only unit|integration|e2e|vm|faults` runs a part; other arguments go to vitest.
import { join } from 'node:path';
import { runNode24 } from '../../cli/node24.mjs';
import { canInstall } from './packages.mjs';
import { elapsedMs, printFailure } from './progress.mjs';
import { root, setUp } from './setup.mjs';

const args = process.argv.slice(2);
const at = args.indexOf('--only');
const only = at < 0 ? undefined : args.splice(at, 2)[1];
const parts = {
  unit: ['unit', 'renderer'],
  integration: ['integration'],
  e2e: ['e2e'],
  vm: ['vm'],
  faults: ['faults'],
};
const projects = parts[only] ?? [...parts.unit, ...parts.integration, ...parts.e2e];
try {
  process.stderr.write('Pilothouse · set-up for tests\n');
  const purposes = ['lab', 'console', 'test', ...(only === 'vm' ? ['vm'] : [])];
  const missing = await setUp({ purposes: process.platform === 'linux' ? purposes : [], required: false });
  if (missing.length > 0) {
    process.stderr.write(
      `  ! Tests that need these packages will be skipped: ${missing.join(' ')}${canInstall() ? '' : ' (not root on Debian or Ubuntu)'}\n`,
    );
  }
  process.stderr.write(`  Set-up took ${(elapsedMs() / 1000).toFixed(0)} s\n`);
  const vitest = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...projects.flatMap((project) => ['--project', project]),
  ];
  process.exitCode = await runNode24([...vitest, ...args], { cwd: root });
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
