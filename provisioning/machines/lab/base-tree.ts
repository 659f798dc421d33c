// The bare system that lab machines start from: Debian's or Ubuntu's own minimal tree plus systemd, sshd, sudo and network
// tools; no Docker, no etcd, no Node. Made once from this computer's apt sources and kept in the cache. Nothing runs in it
// by the time of day: what differs on a machine later was done to it.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hostDistribution } from '../../bundle/debian-packages.ts';
import { runCommand } from '../../bundle/run-command.ts';
import { ProvisioningError } from '../../errors.ts';
import { text } from '../../messages/text.ts';

/** What the machines hold beyond the minimal system. */
export const barePackages = [
  'systemd',
  'systemd-sysv',
  'udev',
  'dbus',
  'openssh-server',
  'sudo',
  'iproute2',
  'iputils-ping',
  'nftables',
  'iptables',
  'ca-certificates',
  'procps',
  'kmod',
];

/** Housekeeping of Debian and Ubuntu that would start at some hour of the day: masked, installed or not. */
const maskedTimers = [
  'apt-daily',
  'apt-daily-upgrade',
  'dpkg-db-backup',
  'e2scrub_all',
  'fstrim',
  'logrotate',
  'man-db',
  'motd-news',
  'systemd-tmpfiles-clean',
].map((name) => `${name}.timer`);

const formatVersion = 1;

interface BaseTreeOptions {
  readonly cacheDir: string;
  /** Default: this computer's release. */
  readonly release?: string;
  /** With a kernel and an initial ramdisk, for virtual machines. */
  readonly withKernel?: boolean;
  readonly signal?: AbortSignal;
  readonly onOutput?: (text: string) => void;
}

/** The tree's path; made when the cache lacks it. */
export async function ensureBaseTree(options: BaseTreeOptions): Promise<string> {
  const host = await hostDistribution();
  const { id } = host;
  const codename = options.release ?? host.codename;
  const packages = options.withKernel === true ? [...barePackages, kernelPackage(id), 'initramfs-tools'] : barePackages;
  const key = createHash('sha256')
    .update(JSON.stringify([formatVersion, id, codename, process.arch, packages, maskedTimers]))
    .digest('hex')
    .slice(0, 12);
  const parent = join(options.cacheDir, 'base-tree');
  const tree = join(parent, `${codename}-${key}`);
  if (existsSync(tree)) return tree;
  const mirror = await findMirror(host.codename);
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, 'unfinished-'));
  try {
    const made = join(work, 'tree');
    const flags = [
      '--variant=minbase',
      `--include=${packages.join(',')}`,
      `--cache-dir=${await debCache(options.cacheDir)}`,
    ];
    if (id === 'ubuntu') flags.push('--components=main,universe');
    await runCommand('debootstrap', [...flags, codename, made, mirror], {
      env: await proxyEnvironment(),
      signal: options.signal,
      onOutput: options.onOutput,
    });
    await clean(made);
    await maskTimers(made);
    await rename(made, tree).catch((error: unknown) => {
      if (!existsSync(tree)) throw error; // else another run was quicker
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return tree;
}

/** A kernel with the drivers of virtual machines. */
function kernelPackage(id: string): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return id === 'ubuntu' ? 'linux-image-virtual' : `linux-image-cloud-${arch}`;
}

/** Packages, caches and identities that every machine must not share. */
async function clean(tree: string): Promise<void> {
  const paths = [
    'var/cache/apt/archives',
    'var/lib/apt/lists',
    'etc/machine-id',
    'var/lib/dbus/machine-id',
    'etc/resolv.conf',
    'etc/hostname',
  ];
  await Promise.all(paths.map((path) => rm(join(tree, path), { recursive: true, force: true })));
  await mkdir(join(tree, 'var/cache/apt/archives/partial'), { recursive: true });
  await mkdir(join(tree, 'var/lib/apt/lists/partial'), { recursive: true });
  await runCommand('sh', ['-c', 'rm -f "$1"/etc/ssh/ssh_host_*', 'sh', tree]);
}

async function maskTimers(tree: string): Promise<void> {
  const units = join(tree, 'etc/systemd/system');
  await mkdir(units, { recursive: true });
  await Promise.all(maskedTimers.map((timer) => symlink('/dev/null', join(units, timer))));
}

async function debCache(cacheDir: string): Promise<string> {
  const dir = join(cacheDir, 'debootstrap');
  await mkdir(dir, { recursive: true });
  return dir;
}

/** The archive that this computer's apt uses for its own release. */
async function findMirror(codename: string): Promise<string> {
  const format = '$(REPO_URI) $(CODENAME) $(COMPONENT)';
  const targets = await runCommand('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const mirror = targets
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, release, component]) => release === codename && component === 'main')?.[0];
  if (mirror === undefined) {
    const reason = `no apt source for ${codename || 'this system'}`;
    throw new ProvisioningError('AptMissing', text('error.aptMissing', { reason }), text('error.aptMissing.remedy'));
  }
  return mirror;
}

/** debootstrap does not read apt's proxy setting. */
async function proxyEnvironment(): Promise<NodeJS.ProcessEnv> {
  const output = await runCommand('apt-config', ['shell', 'proxy', 'Acquire::http::Proxy']);
  const proxy = /^proxy='(.+)'$/m.exec(output)?.[1];
  return { ...process.env, LC_ALL: 'C', ...(proxy === undefined ? {} : { http_proxy: proxy }) };
}
