// A machine's own file tree: the shared base tree below, what makes the machine itself in an overlay above.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock } from '../../../machinery/clock.ts';
import { runCommand } from '../../bundle/run-command.ts';
import type { LabMachineState, LabPaths, LabState } from './state.ts';

/** Mounts the machine's tree when it is not mounted; resolves with its folder. */
export async function mountTree(lab: LabState, machine: LabMachineState, paths: LabPaths): Promise<string> {
  const dir = paths.machine(machine.name);
  const root = join(dir, 'root');
  if (await isMounted(root)) return root;
  await Promise.all(['upper', 'work', 'root'].map((folder) => mkdir(join(dir, folder), { recursive: true })));
  const layers = `lowerdir=${lab.baseTree},upperdir=${join(dir, 'upper')},workdir=${join(dir, 'work')}`;
  await runCommand('mount', ['-t', 'overlay', `pilothouse-${machine.id}`, '-o', layers, root]);
  return root;
}

/** Takes the mount down; the machine's processes must have ended. */
export async function unmountTree(machine: LabMachineState, paths: LabPaths): Promise<void> {
  const root = join(paths.machine(machine.name), 'root');
  for (let i = 0; i < 20 && (await isMounted(root)); i += 1) {
    await runCommand('umount', ['-R', root]).catch(() => systemClock.sleep(100));
  }
}

/** True when something is mounted at `folder`. */
export async function isMounted(folder: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return mounts.split('\n').some((line) => line.split(' ')[1] === folder);
}

/** Writes what makes this machine itself: only once, for later the machine may have changed it. */
export async function personalize(
  lab: LabState,
  machine: LabMachineState,
  root: string,
  paths: LabPaths,
  networkInterface: string,
  units: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (existsSync(join(root, 'etc/machine-id'))) return;
  const hosts = lab.machines.map((other) => `${other.address} ${other.name}`).join('\n');
  const network = oneShot('Address in the lab', 'Before=network-pre.target ssh.service\nWants=network-pre.target', [
    '/sbin/ip link set lo up',
    `/sbin/ip link set ${networkInterface} up`,
    `/sbin/ip address replace ${machine.address}/24 dev ${networkInterface}`,
  ]);
  const all: Readonly<Record<string, string>> = { 'lab-network': network, ...units };
  const files: Record<string, string> = {
    'etc/hostname': `${machine.name}\n`,
    'etc/hosts': `127.0.0.1 localhost\n${hosts}\n`,
    'etc/resolv.conf': '',
    'etc/ssh/sshd_config.d/lab.conf': 'MaxStartups 100\nPermitRootLogin yes\n',
    ...Object.fromEntries(
      Object.entries(all).map(([name, content]) => [`etc/systemd/system/${name}.service`, content]),
    ),
  };
  await mkdir(join(root, 'root/.ssh'), { recursive: true, mode: 0o700 });
  await copyFile(`${paths.key}.pub`, join(root, 'root/.ssh/authorized_keys'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  const wants = join(root, 'etc/systemd/system/sysinit.target.wants');
  await mkdir(wants, { recursive: true });
  for (const name of Object.keys(all)) {
    await symlink(`../${name}.service`, join(wants, `${name}.service`)).catch(() => undefined); // made by a cut attempt
  }
  await runCommand('ssh-keygen', ['-q', '-A', '-f', root]);
  await writeFile(join(root, 'etc/machine-id'), `${machine.machineId}\n`);
}

/** A unit that runs commands once, early in the boot. */
export function oneShot(description: string, order: string, commands: readonly string[]): string {
  const lines = commands.map((command) => `ExecStart=${command}`).join('\n');
  return `[Unit]\nDescription=${description}\nDefaultDependencies=no\n${order}\n\n[Service]\nType=oneshot\nRemainAfterExit=yes\n${lines}\n\n[Install]\nWantedBy=sysinit.target\n`;
}
