// A cloud image as a site would bring one: Debian with cloud-init as a qcow2 disk, its kernel and initial ramdisk beside it.
// Made from this computer's apt sources and kept in the cache.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
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
  const packages = ['cloud-init', 'apparmor'];
  const tree = await ensureBaseTree({ cacheDir: cacheDir(), withKernel: true, packages, onOutput: log });
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
    await runCommand('qemu-img', ['convert', '-O', 'qcow2', raw, join(work, 'made', 'disk.qcow2')]);
  } finally {
    await runCommand('umount', [root]);
  }
  await rename(join(work, 'made'), folder);
  await rm(work, { recursive: true, force: true });
  return image;
}
