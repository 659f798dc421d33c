// One control plane per data folder, under one lasting identity: a process that comes back after a crash takes its own
// leases again at once, and no second process can pretend to be it meanwhile.
import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

export interface Instance {
  /** `host_uuid`, the same for every start in this data folder. */
  readonly identity: string;
  release(): Promise<void>;
}

/** Takes the folder; fails while another living process holds it. */
export async function claimInstance(dataDir: string): Promise<Instance> {
  const lockPath = join(dataDir, 'control-plane.pid');
  const [pid, startedAt] = (await readIfPresent(lockPath)).split(' ');
  if (pid && Number(pid) !== process.pid && startedAt && (await startOf(Number(pid))) === startedAt) {
    throw new Error(`the data folder ${dataDir} is in use by the control plane with process id ${pid}`);
  }
  await writeFile(lockPath, `${process.pid} ${(await startOf(process.pid)) ?? 'unknown'}`);
  const identityPath = join(dataDir, 'identity');
  let id = await readIfPresent(identityPath);
  if (id === '') await writeFile(identityPath, (id = randomUUID()));
  return { identity: `${hostname()}_${id}`, release: () => rm(lockPath, { force: true }) };
}

/** When a living process started, in the kernel's ticks: tells it from a later one with the same id. Linux only. */
async function startOf(pid: number): Promise<string | undefined> {
  const line = await readIfPresent(`/proc/${pid}/stat`);
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
}

async function readIfPresent(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return ''; // absent, or a process that has ended
  }
}
