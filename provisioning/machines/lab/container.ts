// A lab machine as a system container: the base tree under an overlay of its own, its own systemd, sshd and address.
// Booting finds out what is already there; ending removes processes, cgroups and mounts by the machine's id.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock } from '../../../machinery/clock.ts';
import { runCommand } from '../../bundle/run-command.ts';
import { makeCgroups, removeCgroups } from './cgroups.ts';
import { bridgeOf } from './network.ts';
import { identify, isAlive, type LabMachineState, type LabPaths, type LabState, type ProcessId } from './state.ts';

/** Folders that Docker wants on a plain file system; bound in from beside the overlay. */
const boundFolders = ['docker', 'containerd'];

/** A random machine id, as systemd writes it. */
export function newMachineId(): string {
  return createHash('sha256').update(randomBytes(32)).digest('hex').slice(0, 32);
}

/** Boots the machine when it is not running; resolves with its keeper's process id. */
export async function bootContainer(lab: LabState, machine: LabMachineState, paths: LabPaths): Promise<ProcessId> {
  if (machine.process !== undefined && isAlive(machine.process)) return machine.process;
  await endContainer(machine, paths);
  const dir = paths.machine(machine.name);
  const root = join(dir, 'root');
  await Promise.all(
    ['upper', 'work', 'root', ...boundFolders].map((folder) => mkdir(join(dir, folder), { recursive: true })),
  );
  const layers = `lowerdir=${lab.baseTree},upperdir=${join(dir, 'upper')},workdir=${join(dir, 'work')}`;
  await runCommand('mount', ['-t', 'overlay', `pilothouse-${machine.id}`, '-o', layers, root]);
  await personalize(lab, machine, root, paths);
  return start(lab, machine, dir, root);
}

/** Ends the machine and takes its mount down; its disk stays. */
export async function endContainer(machine: LabMachineState, paths: LabPaths): Promise<void> {
  if (machine.process !== undefined && isAlive(machine.process)) {
    process.kill(machine.process.pid, 'SIGTERM');
    for (let i = 0; i < 100 && isAlive(machine.process); i += 1) await systemClock.sleep(50);
  }
  await removeCgroups(machine.id);
  await runCommand('ip', ['link', 'delete', `vb-${machine.id}`]).catch(() => undefined); // gone with the machine, normally
  const root = join(paths.machine(machine.name), 'root');
  for (let i = 0; i < 20 && (await isMounted(root)); i += 1) {
    await runCommand('umount', ['-R', root]).catch(() => systemClock.sleep(100));
  }
}

async function isMounted(folder: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return mounts.split('\n').some((line) => line.split(' ')[1] === folder);
}

/** Power cut: everything of the machine dies at once. */
export async function cutPower(machine: LabMachineState): Promise<void> {
  await removeCgroups(machine.id);
}

/** What makes this machine itself. Written on first boot only: later the machine may have changed it. */
async function personalize(lab: LabState, machine: LabMachineState, root: string, paths: LabPaths): Promise<void> {
  if (existsSync(join(root, 'etc/machine-id'))) return;
  const hosts = lab.machines.map((other) => `${other.address} ${other.name}`).join('\n');
  const files: Record<string, string> = {
    'etc/hostname': `${machine.name}\n`,
    'etc/hosts': `127.0.0.1 localhost\n${hosts}\n`,
    'etc/resolv.conf': '',
    'etc/systemd/system/lab-network.service': unit(
      'Address in the lab',
      'Before=network-pre.target ssh.service\nWants=network-pre.target',
      [
        '/sbin/ip link set lo up',
        '/sbin/ip link set host0 up',
        `/sbin/ip address replace ${machine.address}/24 dev host0`,
      ],
    ),
    // nspawn mounts the controllers read-only; a machine has them to itself.
    'etc/systemd/system/lab-cgroups.service': unit('Control groups of a machine', '', [
      `/bin/sh -c 'for c in /sys/fs/cgroup/*; do case $c in */systemd|*/unified) ;; *) mountpoint -q $c && mount -o remount,rw,bind $c;; esac; done; true'`,
    ]),
    'etc/ssh/sshd_config.d/lab.conf': 'MaxStartups 100\nPermitRootLogin yes\n',
  };
  await mkdir(join(root, 'root/.ssh'), { recursive: true, mode: 0o700 });
  await copyFile(`${paths.key}.pub`, join(root, 'root/.ssh/authorized_keys'));
  await mkdir(join(root, 'etc/systemd/system/sysinit.target.wants'), { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  for (const name of ['lab-network', 'lab-cgroups']) {
    const link = join(root, `etc/systemd/system/sysinit.target.wants/${name}.service`);
    await symlink(`../${name}.service`, link).catch(() => undefined); // made by an earlier, cut attempt
  }
  await runCommand('ssh-keygen', ['-q', '-A', '-f', root]);
  await writeFile(join(root, 'etc/machine-id'), `${machine.machineId}\n`);
}

function unit(description: string, order: string, commands: readonly string[]): string {
  const lines = commands.map((command) => `ExecStart=${command}`).join('\n');
  return `[Unit]\nDescription=${description}\nDefaultDependencies=no\n${order}\n\n[Service]\nType=oneshot\nRemainAfterExit=yes\n${lines}\n\n[Install]\nWantedBy=sysinit.target\n`;
}

async function start(lab: LabState, machine: LabMachineState, dir: string, root: string): Promise<ProcessId> {
  const groups = await makeCgroups(machine.id);
  const flags = [
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
  ];
  const enter = groups.map((file) => `echo $$ > '${file}'`).join(' && ');
  const log = openSync(join(dir, 'console.log'), 'a');
  const environment = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' };
  const child = spawn('/bin/sh', ['-c', `${enter} && exec systemd-nspawn "$@"`, 'sh', ...flags], {
    detached: true,
    stdio: ['ignore', log, log],
    env: environment,
  });
  closeSync(log);
  child.unref();
  const found = child.pid === undefined ? undefined : identify(child.pid);
  if (found === undefined)
    throw new Error(`systemd-nspawn did not start for ${machine.name}; see ${join(dir, 'console.log')}`);
  return found;
}

/** Removes the machine's disk. Only after `endContainer`. */
export async function removeContainerDisk(machine: LabMachineState, paths: LabPaths): Promise<void> {
  const dir = paths.machine(machine.name);
  if (await isMounted(join(dir, 'root'))) throw new Error(`${dir}/root is still mounted`);
  await rm(dir, { recursive: true, force: true });
}
