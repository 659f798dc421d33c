import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { archiveReferences, writeArchive } from './archive.ts';

test('an archive that is written names its image when read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-archive-'));
  try {
    const archive = writeArchive({
      reference: 'example.test/a:1',
      architecture: 'amd64',
      layers: [Buffer.from('layer')],
      config: { Cmd: ['/a'] },
    });
    const path = join(folder, 'a.tar');
    await pipeline(Readable.from(archive, { objectMode: false }), createWriteStream(path));
    expect(await archiveReferences(path)).toEqual(['example.test/a:1']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
