// `npm start`: sets everything up, then opens the console on a cluster: a local lab where none is known yet.
// `npm start -- --simulate` needs no root, Docker or etcd. All other flags go to `pilothouse start`.
import { join } from 'node:path';
import { runNode24 } from '../../cli/node24.mjs';
import { printFailure } from './progress.mjs';
import { root, setUp } from './setup.mjs';

const flags = process.argv.slice(2);
const simulate = flags.includes('--simulate');
const lab = !simulate && process.platform === 'linux';
try {
  process.stderr.write('Pilothouse · set-up\n');
  await setUp({ purposes: lab ? ['lab', 'console'] : [], required: lab });
  process.exitCode = await runNode24([join(root, 'cli/main.ts'), 'start', ...flags]);
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
