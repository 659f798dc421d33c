// What a lab made on this computer, written down before each thing is made, so that it can be removed by id whatever
// happened in between. One folder per lab: $PILOTHOUSE_HOME/lab/<name>/.
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabMachineKind, Role } from '../../contract.ts';
import { homeDir } from '../../paths.ts';

/** A process by more than its number, which the kernel uses again. */
export interface ProcessId {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat. */
  readonly startTime: string;
}

export interface LabMachineState {
  readonly name: string;
  /** Unique on this computer: names the cgroups and the interface. */
  readonly id: string;
  readonly address: string;
  readonly role: Role;
  readonly machineId: string;
  process?: ProcessId;
}

export interface LabState {
  readonly version: 1;
  readonly name: string;
  readonly kind: LabMachineKind;
  /** Third number of the lab's 10.213.N.0/24, and of all its ids. */
  readonly subnetNumber: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly baseTree: string;
  /** When it is not this computer's own. */
  readonly release?: string;
  readonly machines: readonly LabMachineState[];
  /** Once the cluster was provisioned to its end: the version of the programs on the machines. */
  programs?: string;
}

/** Paths of one lab. */
export interface LabPaths {
  readonly dir: string;
  readonly state: string;
  readonly lock: string;
  readonly key: string;
  machine(name: string): string;
}

/** Where lab `name` lives; nothing is created. */
export function labPaths(name: string, home?: string): LabPaths {
  const dir = join(homeDir(home), 'lab', name);
  return {
    dir,
    state: join(dir, 'lab.json'),
    lock: join(dir, 'lock'),
    key: join(dir, 'id_ed25519'),
    machine: (machine) => join(dir, 'machines', machine),
  };
}

/** The state on disk, or undefined when there is no such lab. */
export async function readLabState(paths: LabPaths): Promise<LabState | undefined> {
  try {
    return JSON.parse(await readFile(paths.state, 'utf8')) as LabState;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaces the state on disk, whole. */
export async function writeLabState(paths: LabPaths, state: LabState): Promise<void> {
  await mkdir(paths.dir, { recursive: true, mode: 0o700 });
  await writeFile(`${paths.state}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(`${paths.state}.new`, paths.state);
}

/** The running process `pid`, or undefined when there is none. */
export function identify(pid: number): ProcessId | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : { pid, startTime: fields[19] ?? '' };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined;
    throw error;
  }
}

/** True while exactly that process lives. */
export function isAlive(process: ProcessId | undefined): boolean {
  return process !== undefined && identify(process.pid)?.startTime === process.startTime;
}

/** Keeps a second `lab` command off this lab; a lock whose process is gone is taken over. */
export async function lockLab(paths: LabPaths): Promise<{ release(): void }> {
  await mkdir(paths.dir, { recursive: true, mode: 0o700 });
  const me = identify(process.pid);
  for (;;) {
    try {
      const file = openSync(paths.lock, 'wx');
      writeSync(file, JSON.stringify(me));
      closeSync(file);
      return { release: () => rmSync(paths.lock, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const holder = parseHolder(readFileSync(paths.lock, 'utf8'));
      if (isAlive(holder))
        throw new Error(`another command (process ${String(holder?.pid)}) is working on this lab`, { cause: error });
      rmSync(paths.lock, { force: true });
    }
  }
}

function parseHolder(text: string): ProcessId | undefined {
  try {
    return JSON.parse(text) as ProcessId;
  } catch {
    return undefined; // its writer died in the middle
  }
}
