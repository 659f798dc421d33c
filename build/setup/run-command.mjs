// Runs a program quietly, keeping the tail of what it printed for the failure's message. Plain Node 20, no packages.
import { spawn } from 'node:child_process';

/** Runs `command args`; resolves with its stdout, or rejects with the last lines it printed. */
export function runCommand(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let stdout = '';
    let tail = '';
    child.stdout.on('data', (data) => {
      stdout += data;
      tail = (tail + data).slice(-4000);
    });
    child.stderr.on('data', (data) => (tail = (tail + data).slice(-4000)));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${command} ${args.slice(0, 4).join(' ')} ended with ${code}:\n${tail.trimEnd()}`));
    });
  });
}
