// One etcd per data folder, also after a parent that was killed: the child's pid is kept beside the data, and a
// survivor that still works on this folder is ended before a new one starts.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { systemClock } from '../clock.ts';

export interface DataDirLock {
  write(pid: number): Promise<void>;
  release(): Promise<void>;
}

/** Ends a survivor of an earlier run and takes the folder. Fails when another living parent still owns it. */
export async function claimDataDir(dataDir: string): Promise<DataDirLock> {
  const path = join(dataDir, 'pilothouse-etcd.pid');
  const [pid, parent] = (await readFile(path, 'utf8').catch(() => '')).split(' ').map(Number);
  if (pid && (await isEtcdOf(pid, dataDir))) {
    if (parent && isAlive(parent) && (await parentOf(pid)) === parent) {
      throw new Error(`the data folder ${dataDir} is in use by process ${parent}`);
    }
    await end(pid);
  }
  return {
    write: (childPid) => writeFile(path, `${childPid} ${process.pid}`),
    release: () => rm(path, { force: true }),
  };
}

async function end(pid: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    process.kill(pid, signal);
    for (let waitedMs = 0; waitedMs < 2000; waitedMs += 50) {
      if (!isAlive(pid)) return;
      await systemClock.sleep(50);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether a process is an etcd on this folder; without /proc nobody is ended. */
async function isEtcdOf(pid: number, dataDir: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes(`--data-dir=${resolve(dataDir)}`);
}

async function parentOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const match = /^PPid:\s+(\d+)/m.exec(status);
  return match ? Number(match[1]) : undefined;
}
