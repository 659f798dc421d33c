import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isoImage } from './iso-image.ts';

const files = { 'user-data': '#cloud-config\n', 'meta-data': 'x'.repeat(5000), 'network-config': 'version: 2\n' };

/** Reads the Joliet names back: a reader of its own, by the standard's offsets. */
function read(image: Buffer): Record<string, string> {
  const descriptor = image.subarray(17 * 2048);
  const root = descriptor.readUInt32LE(156 + 2) * 2048;
  const found: Record<string, string> = {};
  for (let at = root; image[at] !== 0; at += image[at] ?? 0) {
    const name = Buffer.from(image.subarray(at + 33, at + 33 + (image[at + 32] ?? 0)));
    if (name.length < 2) continue;
    const start = image.readUInt32BE(at + 6) * 2048;
    found[name.swap16().toString('utf16le')] = image.toString('utf8', start, start + image.readUInt32LE(at + 10));
  }
  return found;
}

test('every file is found by its full name with its whole content', () => {
  expect(read(isoImage('cidata', files))).toEqual(files);
});

test('the same input gives the same bytes', () => {
  expect(isoImage('cidata', files).equals(isoImage('cidata', files))).toBe(true);
});

test.skipIf(!existsSync('/usr/sbin/blkid'))('blkid sees a file system with the label that cloud-init asks for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-iso-'));
  try {
    writeFileSync(join(folder, 'seed.iso'), isoImage('cidata', files));
    const said = execFileSync('/usr/sbin/blkid', ['-p', '-o', 'export', join(folder, 'seed.iso')], {
      encoding: 'utf8',
    });
    expect(said).toContain('LABEL=cidata');
    expect(said).toContain('TYPE=iso9660');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
