// Type-checks every folder by its own tsconfig, so that no folder sees another environment's types.
// Arguments name folders; none means all. Exit 1 when any has an error.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const folders = [
  'api',
  'machinery',
  'control-plane',
  'agent',
  'provisioning',
  'electron',
  'renderer',
  'cli',
  'build',
  'test',
];

function check(folder: string): Promise<number> {
  const compiler = folder === 'renderer' ? 'vue-tsc/bin/vue-tsc.js' : 'typescript/bin/tsc';
  const args = [join(root, 'node_modules', compiler), '-p', join(root, folder, 'tsconfig.json'), '--pretty'];
  return new Promise((resolve) => {
    spawn(process.execPath, args, { stdio: 'inherit' }).on('exit', (code) => resolve(code ?? 1));
  });
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : folders;
const pending = wanted.filter((folder) => existsSync(join(root, folder, 'tsconfig.json')));
let failed = false;
await Promise.all(
  [0, 1].map(async () => {
    for (let folder = pending.shift(); folder !== undefined; folder = pending.shift()) {
      if ((await check(folder)) !== 0) failed = true;
    }
  }),
);
process.exitCode = failed ? 1 : 0;
