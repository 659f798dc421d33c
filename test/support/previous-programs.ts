// The programs of the commit that build/previous names, built as that commit builds them: what upgrades start from.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Builds control plane and agent of the previous version under `folder`; answers the folder that holds both. */
export function buildPreviousPrograms(folder: string): string {
  const commit = readFileSync(join(root, 'build/previous'), 'utf8').trim();
  const repository = existsSync(join(root, '.git')) ? root : (process.env['PILOTHOUSE_REPOSITORY'] ?? root);
  const tree = join(folder, 'previous');
  mkdirSync(tree, { recursive: true });
  const archive = execFileSync('git', ['-C', repository, 'archive', commit], { maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-C', tree, '-x'], { input: archive });
  // Its libraries are its own; the tools that build it are found one folder up, and are ours.
  execFileSync('npm', ['ci', '--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: tree,
    stdio: 'pipe',
  });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  execFileSync(process.execPath, [join(tree, 'build/build.ts'), 'control-plane', 'agent'], {
    cwd: tree,
    stdio: 'pipe',
  });
  return join(tree, 'dist');
}
