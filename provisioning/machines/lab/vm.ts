// A lab machine as a real virtual machine: QEMU with the distribution's own kernel, its tree as an ext4 disk, a tap on the
// lab's bridge. Hardware help is used when /dev/kvm runs guests, else QEMU computes every instruction.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../bundle/run-command.ts';
import { removeCgroups } from './cgroups.ts';
import { type Keeper, startKeeper, stopKeeper } from './keeper.ts';
import { bridgeOf } from './network.ts';
import { isAlive, type LabMachineState, type LabPaths, type LabState } from './state.ts';
import { mountTree, personalize, unmountTree } from './tree.ts';

const diskSize = '12G';
const memoryMiB = 2048;

export const virtualMachines: Keeper = {
  bootTimeoutSeconds: 300,
  async boot(lab, machine, paths) {
    if (machine.process !== undefined && isAlive(machine.process)) return machine.process;
    await end(machine, paths);
    const dir = paths.machine(machine.name);
    if (!existsSync(join(dir, 'disk.img'))) await makeDisk(lab, machine, paths);
    await makeTap(lab, machine);
    return startKeeper(
      machine,
      dir,
      `qemu-system-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`,
      flags(machine, dir),
    );
  },
  end,
};

function flags(machine: LabMachineState, dir: string): string[] {
  const mac = createHash('sha256').update(machine.machineId).digest('hex').slice(0, 6).replace(/../g, ':$&');
  return [
    ...[
      '-accel',
      process.env['PILOTHOUSE_LAB_ACCEL'] ?? 'tcg,thread=multi',
      '-cpu',
      'max',
      '-smp',
      '2',
      '-m',
      String(memoryMiB),
    ],
    ...['-name', machine.id, '-nodefaults', '-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-no-reboot'],
    ...['-kernel', join(dir, 'vmlinuz'), '-initrd', join(dir, 'initrd')],
    ...['-append', 'root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet mitigations=off'],
    ...['-drive', `file=${join(dir, 'disk.img')},if=virtio,format=raw,cache=writeback`],
    ...[
      '-netdev',
      `tap,id=lab,ifname=${machine.id},script=no,downscript=no`,
      '-device',
      `virtio-net-pci,netdev=lab,mac=52:54:00${mac}`,
    ],
    ...['-device', 'virtio-rng-pci'],
  ];
}

/** Writes the machine's tree as a disk, and its kernel beside it. */
async function makeDisk(lab: LabState, machine: LabMachineState, paths: LabPaths): Promise<void> {
  const dir = paths.machine(machine.name);
  const root = await mountTree(lab, machine, paths);
  try {
    await personalize(lab, machine, root, paths, 'eth0');
    const boot = await readdir(join(root, 'boot'));
    for (const [prefix, target] of [
      ['vmlinuz-', 'vmlinuz'],
      ['initrd.img-', 'initrd'],
    ] as const) {
      const found = boot
        .filter((file) => file.startsWith(prefix))
        .sort()
        .at(-1);
      if (found === undefined) throw new Error(`the base tree ${lab.baseTree} has no ${prefix}*`);
      await copyFile(join(root, 'boot', found), join(dir, target));
    }
    const unfinished = join(dir, 'disk.img.unfinished');
    await rm(unfinished, { force: true });
    await runCommand('mke2fs', [
      '-q',
      '-t',
      'ext4',
      '-E',
      'lazy_itable_init=1,lazy_journal_init=1',
      '-d',
      root,
      unfinished,
      diskSize,
    ]);
    await rename(unfinished, join(dir, 'disk.img'));
  } finally {
    await unmountTree(machine, paths);
  }
}

async function makeTap(lab: LabState, machine: LabMachineState): Promise<void> {
  await mkdir('/dev/net', { recursive: true });
  if (!existsSync('/dev/net/tun')) await runCommand('mknod', ['/dev/net/tun', 'c', '10', '200']);
  await runCommand('ip', ['tuntap', 'add', 'dev', machine.id, 'mode', 'tap']);
  await runCommand('ip', ['link', 'set', machine.id, 'master', bridgeOf(lab), 'up']);
}

async function end(machine: LabMachineState, paths: LabPaths): Promise<void> {
  await stopKeeper(machine);
  await removeCgroups(machine.id);
  await runCommand('ip', ['link', 'delete', machine.id]).catch(() => undefined); // gone already, or never made
  await unmountTree(machine, paths);
}
