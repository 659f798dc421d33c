// Runs the network's own programs (ip, nsenter, sysctl writes): no shell, text in, text out, failures with their stderr,
// and an end to each that hangs.
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';

export interface CommandError extends Error {
  readonly exitCode: number | undefined;
  readonly stderr: string;
}

/** These programs take milliseconds; a machine under heavy load may need seconds. */
const limits = { timeout: 60_000, killSignal: 'SIGKILL' } as const;

function commandError(program: string, exitCode: number | undefined, stderr: string, cause?: unknown): CommandError {
  const message = `${program}: ${stderr.trim() || `exited with ${exitCode ?? 'a signal'}`}`;
  return Object.assign(new Error(message, { cause }), { exitCode, stderr });
}

/** Runs a program to its end and answers its stdout; a non-zero exit throws a `CommandError`. */
export function runCommand(program: string, args: readonly string[], stdin?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...limits,
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', (cause) => reject(commandError(program, undefined, cause.message, cause)));
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(commandError(program, code ?? undefined, stderr));
    });
    // A program that dies before reading everything is reported by its exit, not by the broken pipe.
    child.stdin?.on('error', () => undefined).end(stdin);
  });
}

/** Runs lines of iproute2 in one process; with `force` a failing line does not stop the rest. */
export function ipBatch(lines: readonly string[], o: { force?: boolean; netnsOfPid?: number } = {}): Promise<string> {
  if (lines.length === 0) return Promise.resolve('');
  const args = [...(o.force ? ['-force'] : []), '-batch', '-'];
  const text = lines.join('\n') + '\n';
  if (o.netnsOfPid === undefined) return runCommand('ip', args, text);
  return runCommand('nsenter', ['-t', String(o.netnsOfPid), '-n', 'ip', ...args], text);
}

/** Runs `ip -j …` and parses its answer; an empty answer is an empty list. */
export async function ipJson<T>(...args: string[]): Promise<T[]> {
  const text = await runCommand('ip', ['-j', ...args]);
  return text.trim() === '' ? [] : (JSON.parse(text) as T[]);
}

/**
 * Writes a kernel setting ("net/ipv4/ip_forward") unless it already has the value; answers whether it now has it.
 * A setting that this kernel or container does not offer answers false.
 */
export async function setSysctl(path: string, value: string): Promise<boolean> {
  const file = `/proc/sys/${path}`;
  try {
    if ((await readFile(file, 'utf8')).trim() === value) return true;
    await writeFile(file, value);
    return true;
  } catch {
    return false;
  }
}
