// A lab machine as a system container: its own systemd, sshd and address, on the host's kernel.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../bundle/run-command.ts';
import { removeCgroups } from './cgroups.ts';
import { type Keeper, startKeeper, stopKeeper } from './keeper.ts';
import { bridgeOf } from './network.ts';
import { isAlive, type LabMachineState, type LabPaths } from './state.ts';
import { mountTree, oneShot, personalize, unmountTree } from './tree.ts';

/** Folders that Docker wants on a plain file system; bound in from beside the overlay. */
const boundFolders = ['docker', 'containerd'];

/** nspawn mounts the controllers read-only; a machine has them to itself. */
const ownCgroups = oneShot('Control groups of a machine', '', [
  `/bin/sh -c 'for c in /sys/fs/cgroup/*; do case $c in */systemd|*/unified) ;; *) mountpoint -q $c && mount -o remount,rw,bind $c;; esac; done; true'`,
]);

/** A machine that reboots ends its nspawn with 133 (--keep-unit); it is booted again, as a machine would be. */
const untilOff = `trap 'kill -TERM "$child"' TERM
code=133
while [ $code = 133 ]; do
  systemd-nspawn "$@" & child=$!
  wait $child; code=$?
  while kill -0 $child 2>/dev/null; do wait $child; code=$?; done
done`;

export const containers: Keeper = {
  bootTimeoutSeconds: 60,
  async boot(lab, machine, paths) {
    if (machine.process !== undefined && isAlive(machine.process)) return machine.process;
    await end(machine, paths);
    const dir = paths.machine(machine.name);
    await Promise.all(boundFolders.map((folder) => mkdir(join(dir, folder), { recursive: true })));
    const root = await mountTree(lab, machine, paths);
    await personalize(lab, machine, root, paths, 'host0', { 'lab-cgroups': ownCgroups });
    return startKeeper(machine, dir, '/bin/sh', [
      '-c',
      untilOff,
      'sh',
      '--quiet',
      `--directory=${root}`,
      `--machine=${machine.id}`,
      `--hostname=${machine.name}`,
      '--register=no',
      '--keep-unit',
      '--boot',
      `--network-bridge=${bridgeOf(lab)}`,
      '--capability=all',
      '--system-call-filter=add_key keyctl bpf',
      ...boundFolders.map((folder) => `--bind=${join(dir, folder)}:/var/lib/${folder}`),
      '--resolv-conf=off',
      '--timezone=off',
      '--link-journal=no',
      '--console=read-only',
    ]);
  },
  end,
};

async function end(machine: LabMachineState, paths: LabPaths): Promise<void> {
  await stopKeeper(machine);
  await removeCgroups(machine.id);
  await runCommand('ip', ['link', 'delete', `vb-${machine.id}`]).catch(() => undefined); // gone with the machine, normally
  await unmountTree(machine, paths);
}
