// Mounts that the agent itself makes: memory for emptyDir, NFS exports, and their removal. Reads the kernel's table first, so that
// every call is idempotent.
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);
/** An NFS server that does not answer must not hold a pod's worker for ever. */
const limits = { timeout: 110_000, killSignal: 'SIGKILL' } as const;
const run = (program: string, args: readonly string[]): Promise<unknown> => execute(program, args, limits);

/** Mount points on this machine, in the order they were made; octal escapes undone. */
export async function mountPoints(): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return table.split('\n').flatMap((line) => {
    const target = line.split(' ')[4];
    return target === undefined
      ? []
      : [target.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))];
  });
}

/** Puts a tmpfs there, unless one is. */
export async function mountMemory(path: string, sizeBytes: number | undefined): Promise<void> {
  if ((await mountPoints()).includes(path)) return;
  const options = sizeBytes === undefined ? [] : ['-o', `size=${sizeBytes}`];
  await run('mount', ['-t', 'tmpfs', ...options, 'tmpfs', path]);
}

/** Mounts an NFS export there, unless something is mounted. Rejects with what mount says, such as that nfs-common is missing. */
export async function mountNfs(
  { server, path, readOnly = false }: { server: string; path: string; readOnly?: boolean },
  target: string,
  options: readonly string[],
): Promise<void> {
  if ((await mountPoints()).includes(target)) return;
  await mkdir(target, { recursive: true });
  const flags = [...options, ...(readOnly ? ['ro'] : [])];
  await run('mount', ['-t', 'nfs', ...(flags.length > 0 ? ['-o', flags.join(',')] : []), `${server}:${path}`, target]);
}

/** Unmounts everything below the folder, innermost first. */
export async function unmountUnder(folder: string): Promise<void> {
  const below = (await mountPoints()).filter((target) => target.startsWith(folder));
  for (const target of below.reverse()) await run('umount', ['--lazy', '--', target]);
}
