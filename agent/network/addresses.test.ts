import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAddressBook } from './addresses.ts';

describe('the address book of a node', () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'pilothouse-addresses-')), 'addresses');
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

  it('gives each pod an address of its own, never the first two nor the last', async () => {
    const book = await openAddressBook(folder, '10.0.0.0/29');
    const given = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((pod) => book.allocate(pod)));
    expect(given.sort()).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
    await expect(book.allocate('f')).rejects.toThrow(/no free address/);
  });

  it('gives a pod the same address again, also after a restart', async () => {
    const address = await (await openAddressBook(folder, '10.0.0.0/24')).allocate('a');
    const reopened = await openAddressBook(folder, '10.0.0.0/24');
    expect(reopened.addressOf('a')).toBe(address);
    expect(await reopened.allocate('a')).toBe(address);
    expect(await reopened.allocate('b')).not.toBe(address);
  });

  it('leaves a freed address unused for as long as it can', async () => {
    const book = await openAddressBook(folder, '10.0.0.0/29');
    await book.allocate('a');
    await book.release('a');
    const next = [];
    for (const pod of ['b', 'c', 'd', 'e', 'f']) next.push(await book.allocate(pod));
    expect(next).toEqual(['10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6', '10.0.0.2']);
  });

  it('frees what is released, on disk as well, and forgives a second release', async () => {
    const book = await openAddressBook(folder, '10.0.0.0/24');
    await book.allocate('a');
    await book.release('a');
    await book.release('a');
    expect(book.owners()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('drops entries outside the range and half-written ones', async () => {
    await openAddressBook(folder, '10.0.0.0/24');
    await writeFile(join(folder, '10.9.9.9'), 'elsewhere');
    await writeFile(join(folder, '10.0.0.9'), '');
    const book = await openAddressBook(folder, '10.0.0.0/24');
    expect(book.owners()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('records addresses that running pods hold, unless another pod has them', async () => {
    const book = await openAddressBook(folder, '10.0.0.0/24');
    await book.claim('a', '10.0.0.7');
    await book.claim('b', '10.0.0.7');
    await book.claim('c', '10.1.0.7');
    expect(book.owners()).toEqual(['a']);
    expect(await book.allocate('a')).toBe('10.0.0.7');
  });
});
