// Everything that has to be there before the project can run: npm dependencies, Debian packages, the build.
// Idempotent: what is there already costs milliseconds. Plain Node 20, no packages.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode24 } from '../../cli/node24.mjs';
import { ensureNodeModules } from './node-modules.mjs';
import { ensurePackages } from './packages.mjs';
import { SetupError, stage } from './progress.mjs';
import { runCommand } from './run-command.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Sets up for these purposes (see packages.mjs); answers the packages that are still missing. */
export async function setUp({ purposes, required }) {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new SetupError(`Node ${process.versions.node} is too old.`, 'install Node 20 or newer, then run this again.');
  }
  await ensureNodeModules(root);
  const missing = await ensurePackages(purposes, { required });
  const node = findNode24();
  if (node === undefined)
    throw new SetupError('Node 24 is not here.', 'on this system, install Node 24, then run this again.');
  await stage('Build', () =>
    runCommand(node, ['--disable-warning=ExperimentalWarning', join(root, 'build/build.ts')], { cwd: root }).then(
      (out) => out.trim(),
    ),
  );
  return missing;
}
