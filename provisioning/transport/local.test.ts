import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesMatch, findFiles, restoreFiles, writeFiles } from '../steps/files.ts';
import { createLocalTransport } from './local.ts';
import { quote } from './shell.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-transport-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const machine = createLocalTransport('here');

test('words stay whole through the shell', async () => {
  const word = `it's "$HOME" \`id\` \\ % \n *`;
  expect(await machine.run(`printf %s ${quote(word)}`)).toBe(word);
});

test('exit codes are answers to exec and errors to run', async () => {
  expect((await machine.exec('exit 3')).code).toBe(3);
  await expect(machine.run('echo broken >&2; exit 3')).rejects.toThrow(/ended with 3: broken/);
});

test('input may be text, bytes or a stream', async () => {
  expect(await machine.run('cat', { stdin: 'a' })).toBe('a');
  expect(await machine.run('cat', { stdin: new Uint8Array([98]) })).toBe('b');
  expect(await machine.run('cat', { stdin: Readable.from(['c', 'd']) })).toBe('cd');
});

test('an upload arrives whole, with its mode, in folders that were missing', async () => {
  const source = join(folder, 'source');
  writeFileSync(source, Buffer.alloc(3_000_000, 7));
  const target = join(folder, 'a b', 'target');
  let sent = 0;
  await machine.upload(source, target, { mode: 0o750, onProgress: (bytes) => (sent = bytes) });
  expect(readFileSync(target).equals(readFileSync(source))).toBe(true);
  expect(statSync(target).mode & 0o777).toBe(0o750);
  expect(sent).toBe(3_000_000);
});

test('an abort cuts a running command', async () => {
  const abort = new AbortController();
  const running = machine.exec('sleep 60', { signal: abort.signal });
  abort.abort();
  await expect(running).rejects.toThrow(/abort/i);
});

test('owned files are put back as they were found, absent ones too', async () => {
  const [present, absent] = [join(folder, 'present'), join(folder, 'new', 'absent')];
  writeFileSync(present, 'before\n\tünïcode\0', { mode: 0o640 });
  const found = await findFiles(machine, [present, absent]);
  const wanted = [present, absent].map((path) => ({ path, content: `owned 'quoted' $HOME\n`, mode: 0o600 }));
  expect(await filesMatch(machine, wanted)).toBe(false);
  await writeFiles(machine, wanted);
  expect(await filesMatch(machine, wanted)).toBe(true);
  await restoreFiles(machine, found);
  expect(readFileSync(present, 'utf8')).toBe('before\n\tünïcode\0');
  expect(statSync(present).mode & 0o777).toBe(0o640);
  expect(await machine.readFile(absent)).toBeUndefined();
});
