// Brings a lab's segment and machines up, whatever of them is up already.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runCommand } from '../../bundle/run-command.ts';
import type { LabMachineKind, LabOptions } from '../../contract.ts';
import { ProvisioningError } from '../../errors.ts';
import { text } from '../../messages/text.ts';
import { containers } from './container.ts';
import type { Keeper } from './keeper.ts';
import { ensureNetwork, subnetOf } from './network.ts';
import type { Stages } from '../../run/stages.ts';
import { isAlive, type LabPaths, type LabState, writeLabState } from './state.ts';
import { virtualMachines } from './vm.ts';
import { waitForSsh } from './wait-for-ssh.ts';

export const keepers: Readonly<Record<LabMachineKind, Keeper>> = { container: containers, vm: virtualMachines };

/** Boots what is not running and waits for every sshd; resolves with whether anything had to be booted. */
export async function bootLab(state: LabState, paths: LabPaths, options: LabOptions, stages: Stages): Promise<boolean> {
  if (!existsSync(paths.key)) {
    await mkdir(dirname(paths.key), { recursive: true, mode: 0o700 });
    await runCommand('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      `pilothouse lab ${state.name}`,
      '-f',
      paths.key,
    ]);
  }
  const keeper = keepers[state.kind];
  await stages.run('network', text('lab.network', { subnet: subnetOf(state) }), () => ensureNetwork(state));
  const allRun = state.machines.every((machine) => isAlive(machine.process));
  await stages.run('boot', text('lab.bootAll', { count: state.machines.length }), async () => {
    for (const machine of state.machines) {
      options.signal?.throwIfAborted();
      machine.process = await keeper.boot(state, machine, paths);
      await writeLabState(paths, state);
    }
    await Promise.all(
      state.machines.map(async (machine) => {
        const seconds = keeper.bootTimeoutSeconds;
        if (await waitForSsh(machine.address, seconds * 1000, options.signal)) return;
        const log = `${paths.machine(machine.name)}/console.log`;
        throw new ProvisioningError(
          'BootTimeout',
          text('lab.bootTimeout', { machine: machine.name, seconds }),
          text('lab.bootTimeout.remedy', { log }),
        );
      }),
    );
  });
  return !allRun;
}
