// Debian's package format (deb(5): an ar archive of control and data tar files), written with zstd in place of xz. The
// tar files stay byte for byte the same; unpacking costs a machine a tenth of the processor time. dpkg reads zstd on
// every system that `distro/` supports.
import { spawn } from 'node:child_process';
import { open, rename } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { constants, createZstdCompress } from 'node:zlib';
import type { Readable } from 'node:stream';

const level = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/** Rewrites the package at `path` in place; a package that is not xz-compressed is rewritten all the same. */
export async function repackDeb(path: string, signal?: AbortSignal): Promise<void> {
  const [control, data] = await Promise.all(
    ['--ctrl-tarfile', '--fsys-tarfile'].map((flag) => {
      const child = spawn('dpkg-deb', [flag, path], { stdio: ['ignore', 'pipe', 'ignore'], signal });
      const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
      return Promise.all([compress(child.stdout), ended]).then(([bytes, code]) => {
        if (code !== 0) throw new Error(`dpkg-deb ${flag} ${path} ended with ${String(code)}`);
        return bytes;
      });
    }),
  );
  if (control === undefined || data === undefined) throw new Error(`${path} is incomplete`);
  await writeDeb(path, control, data);
}

/** A stream of tar, compressed. */
export function compress(tar: Readable): Promise<Buffer> {
  return buffer(tar.pipe(createZstdCompress(level)));
}

/** Writes a package file from its two compressed tar files; whole or not at all. */
export async function writeDeb(path: string, control: Uint8Array, data: Uint8Array): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const file = await open(unfinished, 'w');
  try {
    await file.writeFile('!<arch>\n');
    for (const [name, content] of [
      ['debian-binary', Buffer.from('2.0\n')],
      ['control.tar.zst', control],
      ['data.tar.zst', data],
    ] as const) {
      await file.writeFile(memberHeader(name, content.length));
      await file.writeFile(content);
      if (content.length % 2 === 1) await file.writeFile('\n');
    }
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}

/** The 60 bytes before each member of an ar archive. */
function memberHeader(name: string, size: number): string {
  return `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(size).padEnd(10)}\`\n`;
}
