// A cloud image as a site would bring one: Debian with cloud-init as a qcow2 disk, its kernel and initial ramdisk beside it.
// Made from this computer's apt sources and kept in the cache.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fetchDebianPackages } from '../../provisioning/bundle/debian-packages.ts';
import { runCommand } from '../../provisioning/bundle/run-command.ts';
import { ensureBaseTree } from '../../provisioning/machines/lab/base-tree.ts';
import { cacheDir } from '../../provisioning/paths.ts';

/** Paths on this computer. */
export interface CloudImage {
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}

/** What cloud-init needs not look for: one source of data, no mirrors to ask. */
const settings = `datasource_list: [NoCloud]
apt: {preserve_sources_list: true}
`;

/** Makes the image, or finds it made. */
export async function cloudImage(log: (text: string) => void = () => undefined): Promise<CloudImage> {
  const tree = await ensureBaseTree({ cacheDir: cacheDir(), withKernel: true, onOutput: log });
  const folder = join(cacheDir(), 'cloud-image', basename(tree));
  const image = { disk: join(folder, 'disk.qcow2'), kernel: join(folder, 'vmlinuz'), initrd: join(folder, 'initrd') };
  if (existsSync(folder)) return image;
  await mkdir(join(folder, '..'), { recursive: true });
  const work = await mkdtemp(join(folder, '..', 'unfinished-'));
  const root = join(work, 'root');
  for (const each of ['root', 'upper', 'work', 'made']) await mkdir(join(work, each));
  const layers = `lowerdir=${tree},upperdir=${join(work, 'upper')},workdir=${join(work, 'work')}`;
  await runCommand('mount', ['-t', 'overlay', 'pilothouse-image', '-o', layers, root]);
  try {
    await install(root, ['cloud-init'], log);
    await writeFile(join(root, 'etc/cloud/cloud.cfg.d/90-image.cfg'), settings);
    await writeFile(join(root, 'etc/resolv.conf'), '');
    await writeFile(join(root, 'etc/hostname'), 'new\n');
    await runCommand('systemctl', ['--root', root, 'enable', 'systemd-networkd']);
    const boot = (await readdir(join(root, 'boot'))).sort();
    for (const [prefix, target] of [
      ['vmlinuz-', 'vmlinuz'],
      ['initrd.img-', 'initrd'],
    ] as const)
      await copyFile(
        join(root, 'boot', boot.findLast((file) => file.startsWith(prefix)) ?? ''),
        join(work, 'made', target),
      );
    const raw = join(work, 'disk.raw');
    await runCommand('mke2fs', ['-q', '-t', 'ext4', '-d', root, raw, '3G']);
    await runCommand('qemu-img', ['convert', '-c', '-O', 'qcow2', raw, join(work, 'made', 'disk.qcow2')]);
  } finally {
    await runCommand('umount', [root]);
  }
  await rename(join(work, 'made'), folder);
  await rm(work, { recursive: true, force: true });
  return image;
}

/** Installs packages with their dependencies into the tree at `root`; nothing of them starts. */
async function install(root: string, names: readonly string[], log: (text: string) => void): Promise<void> {
  const status = await readFile(join(root, 'var/lib/dpkg/status'), 'utf8');
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const { files } = await fetchDebianPackages(status, names, { cacheDir: cacheDir(), arch, onOutput: log });
  await mkdir(join(root, 'tmp/packages'));
  for (const file of files) await copyFile(file, join(root, 'tmp/packages', basename(file)));
  // What another package needs before it can even be unpacked is there the second or third time.
  const again = 'for i in 1 2 3 4; do dpkg --force-unsafe-io -i /tmp/packages/*.deb && exit 0; done; exit 1';
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  await runCommand('chroot', [root, 'sh', '-c', again], {
    env,
    onOutput: log,
  });
  await rm(join(root, 'tmp/packages'), { recursive: true });
}
