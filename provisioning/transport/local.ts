// A transport to this very computer, for tests and for work on the console's own machine. Root is whoever runs it.
import { spawn } from 'node:child_process';
import type { ExecOptions, ExecResult, Transport } from './contract.ts';
import { transportFrom } from './shell.ts';

/** Commands run here with `environment` in place of the process's own; the shell is /bin/sh. */
export function createLocalTransport(machine: string, environment: NodeJS.ProcessEnv = process.env): Transport {
  const exec = (script: string, options: ExecOptions = {}): Promise<ExecResult> =>
    new Promise((resolve, reject) => {
      const child = spawn('/bin/sh', ['-c', script], { env: environment, signal: options.signal });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        stdout += chunk;
        options.onOutput?.(chunk);
      });
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        stderr += chunk;
        options.onOutput?.(chunk);
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
      child.stdin.on('error', () => undefined); // the command may end before it has read everything
      if (options.stdin === undefined || typeof options.stdin === 'string' || options.stdin instanceof Uint8Array) {
        child.stdin.end(options.stdin ?? '');
      } else {
        options.stdin.pipe(child.stdin);
      }
    });
  return transportFrom(machine, exec, () => undefined);
}
