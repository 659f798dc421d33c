// What this computer has for running Pilothouse, and how to get what is missing. Changes nothing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** One thing looked for; `neededFor` says what does not work without it. */
export interface DoctorFinding {
  readonly id: string;
  readonly found: boolean;
  readonly detail: string;
  readonly neededFor: string;
  readonly remedy?: string;
}

interface Wanted {
  readonly id: string;
  readonly programs: readonly string[];
  readonly neededFor: string;
  readonly remedy: string;
}

const apt = (packages: string): string => `sudo apt-get install --no-install-recommends ${packages}`;

const wanted: readonly Wanted[] = [
  { id: 'etcd', programs: ['etcd'], neededFor: 'control-plane --embedded-etcd', remedy: apt('etcd-server') },
  {
    id: 'docker',
    programs: ['dockerd'],
    neededFor: 'agent --runtime docker on this computer',
    remedy: apt('docker.io'),
  },
  { id: 'nft', programs: ['nft', 'ip'], neededFor: 'the local lab, agent', remedy: apt('nftables iproute2') },
  {
    id: 'nspawn',
    programs: ['systemd-nspawn', 'debootstrap'],
    neededFor: 'lab machines of kind container',
    remedy: apt('systemd-container debootstrap'),
  },
  { id: 'ssh', programs: ['ssh-keygen'], neededFor: 'the local lab', remedy: apt('openssh-client') },
  {
    id: 'qemu',
    programs: ['qemu-system-x86_64'],
    neededFor: 'lab machines of kind vm',
    remedy: apt('qemu-system-x86'),
  },
  {
    id: 'chromium',
    programs: ['chromium'],
    neededFor: 'the console in a window of its own, when Electron is absent',
    remedy: apt('chromium'),
  },
];

const searchPath = (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/sbin', '/usr/bin');

function findProgram(name: string): string | undefined {
  return searchPath.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** The Electron program brought by npm or by hand (ELECTRON_OVERRIDE_DIST_PATH); undefined when its binary is not here. */
export function findElectron(root: string): string | undefined {
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(root, 'node_modules/electron/dist');
  const name =
    { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[process.platform as string] ?? 'electron';
  return [join(folder, name)].find((path) => existsSync(path));
}

/** Looks for everything Pilothouse can use on this computer. */
export function examineComputer(root: string): DoctorFinding[] {
  const isRoot = process.getuid?.() === 0;
  const findings: DoctorFinding[] = [
    {
      id: 'node',
      found: Number(process.versions.node.split('.')[0]) >= 24,
      detail: process.version,
      neededFor: 'everything',
      remedy: 'npm ci',
    },
    {
      id: 'system',
      found: process.platform === 'linux',
      detail: `${process.platform} ${process.arch}`,
      neededFor: 'the local lab (the console and the command line run anywhere)',
      remedy: 'use a Linux computer for the lab, or provision machines that you have',
    },
    {
      id: 'root',
      found: isRoot,
      detail: isRoot ? 'root' : `user ${process.getuid?.() ?? '?'}`,
      neededFor: 'the local lab',
      remedy: 'run with sudo',
    },
  ];
  for (const { id, programs, neededFor, remedy } of wanted) {
    const paths = programs.map(findProgram);
    const found = paths.every((path) => path !== undefined);
    const missing = programs.filter((_, index) => paths[index] === undefined);
    findings.push({
      id,
      found,
      detail: found ? (paths[0] ?? '') : `missing: ${missing.join(', ')}`,
      neededFor,
      remedy,
    });
  }
  const electron = findElectron(root);
  findings.push({
    id: 'electron',
    found: electron !== undefined,
    detail: electron ?? 'binary not here; the console opens in a browser instead',
    neededFor: 'the console as a desktop program',
    remedy:
      'node node_modules/electron/install.js where the outside can be reached, or set ELECTRON_OVERRIDE_DIST_PATH to a dist brought by hand',
  });
  return findings;
}
