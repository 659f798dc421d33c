import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveSubPath } from './sub-path.ts';

let folder: string;
let volume: string;
let outside: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-subpath-'));
  [volume, outside] = [join(folder, 'volume'), join(folder, 'outside')];
  await Promise.all([mkdir(volume), mkdir(outside)]);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const resolve = (subPath: string): Promise<string> => resolveSubPath(volume, subPath, join(folder, 'place'), true);

describe('a part of a volume', () => {
  it.each(['../outside', '/etc', 'a/../../outside'])('may not be %s', async (subPath) => {
    await expect(resolve(subPath)).rejects.toThrow(/relative path without/);
  });

  it.each([
    ['leads to another directory', 'link'],
    ['leads on to what is not there', 'link/new'],
    ['leads up step by step', 'up/outside/new'],
  ])('is refused when a planted link %s, and nothing is made there', async (_title, subPath) => {
    await symlink(outside, join(volume, 'link'));
    await symlink('..', join(volume, 'up'));
    await expect(resolve(subPath)).rejects.toThrow(/leads out of the volume/);
    expect(await readdir(outside)).toEqual([]);
  });

  it('is refused when a link leads nowhere, for it may lead out later', async () => {
    await symlink(join(outside, 'later'), join(volume, 'dangling'));
    await expect(resolve('dangling')).rejects.toThrow(/failed to prepare subPath/);
    await expect(resolve('dangling/deeper')).rejects.toThrow(/failed to prepare subPath/);
    expect(await readdir(outside)).toEqual([]);
  });
});
