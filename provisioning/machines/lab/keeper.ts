// Keeps a lab's machines running: the contract that system containers and virtual machines both fulfil.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../machinery/clock.ts';
import { makeCgroups } from './cgroups.ts';
import { identify, isAlive, type LabMachineState, type LabPaths, type LabState, type ProcessId } from './state.ts';
import { isMounted } from './tree.ts';

/** One kind of lab machine. */
export interface Keeper {
  /** How long a boot may take. */
  readonly bootTimeoutSeconds: number;
  /** Boots the machine when it is not running; resolves with its keeper's process id. */
  boot(lab: LabState, machine: LabMachineState, paths: LabPaths): Promise<ProcessId>;
  /** Ends the machine and removes what is not its disk; finds nothing to do when called twice. */
  end(machine: LabMachineState, paths: LabPaths): Promise<void>;
}

/** Starts `program` in the machine's cgroups, apart from this process, its output in console.log. */
export async function startKeeper(
  machine: LabMachineState,
  dir: string,
  program: string,
  args: readonly string[],
): Promise<ProcessId> {
  const enter = (await makeCgroups(machine.id)).map((file) => `echo $$ > '${file}'`);
  const path = join(dir, 'console.log');
  const log = openSync(path, 'a');
  const child = spawn('/bin/sh', ['-c', `${enter.join(' && ')} && exec ${program} "$@"`, 'sh', ...args], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  closeSync(log);
  child.unref();
  const found = child.pid === undefined ? undefined : identify(child.pid);
  if (found === undefined) throw new Error(`${program} did not start for ${machine.name}; see ${path}`);
  return found;
}

/** Asks the keeper's process to end and waits up to five seconds. */
export async function stopKeeper(machine: LabMachineState): Promise<void> {
  if (machine.process === undefined || !isAlive(machine.process)) return;
  process.kill(machine.process.pid, 'SIGTERM');
  for (let i = 0; i < 100 && isAlive(machine.process); i += 1) await systemClock.sleep(50);
}

/** Removes the machine's files. Only after its keeper's `end`. */
export async function removeDisk(machine: LabMachineState, paths: LabPaths): Promise<void> {
  const dir = paths.machine(machine.name);
  if (await isMounted(join(dir, 'root'))) throw new Error(`${dir}/root is still mounted`);
  await rm(dir, { recursive: true, force: true });
}
