// Debian's busybox with the libraries it is linked to. The static build cannot be used: its resolver crashes where a
// program looks up a name, which is the first thing that anybody tries in a pod.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../bundle/run-command.ts';

/** One file of the image: its path without a leading slash. */
export interface ImageFile {
  readonly path: string;
  readonly content: Buffer;
}

/** The paths that `ldd` prints: `libc.so.6 => /lib/…/libc.so.6 (0x…)` and `/lib64/ld-linux…so.2 (0x…)`. */
export function librariesOf(lddOutput: string): string[] {
  return [...lddOutput.matchAll(/(?:=>\s+|^\s*)(\/\S+)\s+\(0x/gm)].map((match) => match[1] ?? '');
}

/** Fetches the package with apt (nothing is installed) and answers the program and its libraries. */
export async function fetchBusybox(signal?: AbortSignal): Promise<ImageFile[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-busybox-'));
  try {
    await runCommand('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', 'busybox'], {
      cwd: folder,
      signal,
    });
    const deb = (await readdir(folder)).find((name) => name.endsWith('.deb')) ?? '';
    await runCommand('dpkg-deb', ['-x', join(folder, deb), join(folder, 'tree')], { signal });
    const names = [join(folder, 'tree/bin/busybox'), join(folder, 'tree/usr/bin/busybox')];
    const found = await Promise.all(names.map((name) => readFile(name).catch(() => undefined)));
    const index = found.findIndex((content) => content !== undefined);
    const content = found[index];
    const program = names[index];
    if (content === undefined || program === undefined) throw new Error(`${deb} holds no busybox`);
    const libraries = librariesOf(await runCommand('ldd', [program], { signal }));
    const files = libraries.map(async (path) => ({ path: path.slice(1), content: await readFile(path) }));
    return [{ path: 'bin/busybox', content }, ...(await Promise.all(files))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
