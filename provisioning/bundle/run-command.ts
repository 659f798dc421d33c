// Runs a program on the console's own computer, without a shell; used by the bundle and by the lab.
import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  readonly onOutput?: (text: string) => void;
}

/** A program that could not be run or ended with something else than 0. */
export class CommandFailed extends Error {
  readonly code: number | null;
  readonly output: string;
  constructor(command: string, code: number | null, output: string, cause?: unknown) {
    super(`${command} ended with ${String(code)}: ${output.trim().split('\n').slice(-8).join(' | ')}`, { cause });
    this.name = 'CommandFailed';
    this.code = code;
    this.output = output;
  }
}

/** Resolves with stdout; throws CommandFailed. */
export function runCommand(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: options.env ?? process.env, cwd: options.cwd, signal: options.signal });
    let stdout = '';
    let output = '';
    const collect = (chunk: string): void => {
      output = (output + chunk).slice(-20_000);
      options.onOutput?.(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      collect(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', (cause) => {
      reject(cause.name === 'AbortError' ? cause : new CommandFailed(program, null, cause.message, cause));
    });
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new CommandFailed([program, ...args].join(' ').slice(0, 200), code, output));
    });
    child.stdin.on('error', () => undefined); // the program may end before it has read its input
    child.stdin.end(options.stdin ?? '');
  });
}
