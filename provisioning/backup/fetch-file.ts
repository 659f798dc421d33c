// Brings a file from a machine to this computer, piece by piece over the transport's own channel: bounded memory, any size,
// whole or absent.
import { open, rename, rm } from 'node:fs/promises';
import type { Transport } from '../transport/contract.ts';
import { quote } from '../transport/shell.ts';

const pieceBytes = 8 * 1024 * 1024;

export interface FetchOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (fetchedBytes: number, totalBytes: number) => void;
}

/** Copies `path` on the machine to `localPath`; throws when the file changes its size meanwhile. */
export async function fetchFile(
  machine: Transport,
  path: string,
  localPath: string,
  { signal, onProgress }: FetchOptions = {},
): Promise<void> {
  const size = async (): Promise<number> => Number(await machine.run(`stat -c %s ${quote(path)}`, { signal }));
  const totalBytes = await size();
  const unfinished = `${localPath}.unfinished`;
  const file = await open(unfinished, 'w', 0o600);
  try {
    for (let at = 0; at < totalBytes;) {
      // Pieces are whole blocks, so that dd seeks instead of reading what was fetched already.
      const block = at / pieceBytes;
      const base64 = await machine.run(
        `dd if=${quote(path)} bs=${pieceBytes} skip=${block} count=1 iflag=fullblock status=none | base64 -w0`,
        { signal },
      );
      const bytes = Buffer.from(base64, 'base64');
      if (bytes.length !== Math.min(pieceBytes, totalBytes - at))
        throw new Error(`${path} on ${machine.machine} changed while it was fetched`);
      await file.write(bytes);
      at += bytes.length;
      onProgress?.(at, totalBytes);
    }
    await file.sync();
    if ((await size()) !== totalBytes) throw new Error(`${path} on ${machine.machine} changed while it was fetched`);
    await rename(unfinished, localPath);
  } finally {
    await file.close();
    await rm(unfinished, { force: true });
  }
}
