import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKnownHosts } from './known-hosts.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-known-hosts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A host key in wire form with some content. */
function key(content: string): Buffer {
  const type = Buffer.from('ssh-ed25519');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, type, Buffer.from(content)]);
}

test('a key is new, then known; another one is changed', () => {
  const hosts = openKnownHosts(join(folder, 'deep', 'known_hosts'));
  expect(hosts.check('10.0.0.1', 22, key('a')).verdict).toBe('new');
  hosts.pin('10.0.0.1', 22, key('a'));
  expect(hosts.check('10.0.0.1', 22, key('a')).verdict).toBe('known');
  const changed = hosts.check('10.0.0.1', 22, key('b'));
  expect(changed.verdict).toBe('changed');
  expect(changed.expected).not.toBe(changed.actual);
  expect(hosts.pinnedType('10.0.0.1', 22)).toBe('ssh-ed25519');
});

test('ports are hosts of their own, in the form that ssh reads', () => {
  const path = join(folder, 'known_hosts');
  const hosts = openKnownHosts(path);
  hosts.pin('10.0.0.1', 2222, key('a'));
  expect(hosts.check('10.0.0.1', 22, key('a')).verdict).toBe('new');
  expect(readFileSync(path, 'utf8')).toMatch(/^\[10\.0\.0\.1\]:2222 ssh-ed25519 [A-Za-z0-9+/=]+\n$/);
});

test("the administrator's own file is honoured: plain, hashed, by pattern and revoked", () => {
  const own = join(folder, 'user_known_hosts');
  const line = (hosts: string, content: string): string => `${hosts} ssh-ed25519 ${key(content).toString('base64')}\n`;
  const salt = Buffer.from('0123456789abcdefghij');
  const hash = createHmac('sha1', salt).update('[secret.example]:2222').digest('base64');
  writeFileSync(
    own,
    `# comment\n${line('10.0.0.1', 'a')}${line('10.0.1.*,!10.0.1.9', 'b')}${line(`|1|${salt.toString('base64')}|${hash}`, 'c')}@revoked ${line('10.0.0.3', 'd')}@cert-authority ${line('*', 'e')}`,
  );
  const hosts = openKnownHosts(join(folder, 'pinned'), [own]);
  expect(hosts.check('10.0.0.1', 22, key('a')).verdict).toBe('known');
  expect(hosts.check('10.0.0.1', 22, key('x')).verdict).toBe('changed');
  expect(hosts.check('10.0.1.7', 22, key('b')).verdict).toBe('known');
  expect(hosts.check('10.0.1.9', 22, key('b')).verdict).toBe('new');
  expect(hosts.check('secret.example', 2222, key('c')).verdict).toBe('known');
  expect(hosts.check('10.0.0.3', 22, key('d')).verdict).toBe('changed');
  expect(hosts.check('10.0.0.4', 22, key('e')).verdict).toBe('new');
});

test('a host that is gone for good is forgotten, others stay', () => {
  const hosts = openKnownHosts(join(folder, 'known_hosts'), []);
  hosts.pin('10.0.0.1', 22, key('a'));
  hosts.pin('10.0.0.2', 22, key('b'));
  hosts.unpin('10.0.0.1', 22);
  expect(hosts.check('10.0.0.1', 22, key('c')).verdict).toBe('new');
  expect(hosts.check('10.0.0.2', 22, key('b')).verdict).toBe('known');
  hosts.pin('10.0.0.1', 22, key('c'));
  expect(hosts.check('10.0.0.1', 22, key('c')).verdict).toBe('known');
});
