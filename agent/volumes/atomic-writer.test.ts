import { mkdtemp, readFile, readdir, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writePayload } from './atomic-writer.ts';
import type { Payload } from './payload.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-volume-'));
});
afterEach(() => rm(folder, { recursive: true }));

function payload(files: Record<string, string>, mode = 0o644): Payload {
  return new Map(Object.entries(files).map(([path, text]) => [path, { data: Buffer.from(text), mode }]));
}

describe('writePayload', () => {
  it('makes the files readable under their paths, through one link', async () => {
    expect(await writePayload(folder, payload({ a: '1', 'deep/er/b': '2' }))).toBe(true);
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('1');
    expect(await readFile(join(folder, 'deep/er/b'), 'utf8')).toBe('2');
    expect(await readlink(join(folder, 'a'))).toBe('..data/a');
  });

  it('writes nothing when nothing changed', async () => {
    await writePayload(folder, payload({ a: '1' }));
    const before = await readlink(join(folder, '..data'));
    expect(await writePayload(folder, payload({ a: '1' }))).toBe(false);
    expect(await readlink(join(folder, '..data'))).toBe(before);
  });

  it('replaces content, adds and removes files, and leaves nothing behind', async () => {
    await writePayload(folder, payload({ a: '1', gone: 'x' }));
    expect(await writePayload(folder, payload({ a: '2', added: '3' }))).toBe(true);
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('2');
    const names = (await readdir(folder)).sort();
    expect(names.filter((name) => !name.startsWith('..'))).toEqual(['a', 'added']);
    expect(names).toHaveLength(4);
  });

  it('gives files exactly their mode, whatever the umask', async () => {
    await writePayload(folder, payload({ a: '1' }, 0o666));
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o666);
  });

  it('holds an empty payload', async () => {
    await writePayload(folder, payload({ a: '1' }));
    await writePayload(folder, payload({}));
    expect((await readdir(folder)).filter((name) => !name.startsWith('..'))).toEqual([]);
  });
});
