// npm dependencies, installed from the lockfile when it changed since the last time. Plain Node 20, no packages.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.mjs';
import { SetupError, stage } from './progress.mjs';

/** Makes node_modules agree with package-lock.json; does nothing when it already does. */
export async function ensureNodeModules(root) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.pilothouse-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  await stage('Install npm dependencies, with the pinned Node 24 runtime', async () => {
    try {
      await runCommand('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
        cwd: root,
        shell: process.platform === 'win32',
      });
    } catch (error) {
      throw new SetupError(
        `npm could not install the dependencies. ${error.message}`,
        'check that the npm registry can be reached, then run this again.',
      );
    }
    writeFileSync(stamp, lock);
  });
}
