// Host keys, pinned at first contact in a file of the cluster's own (OpenSSH's known_hosts form). What the administrator's
// own known_hosts say is honoured where that file says nothing; those are only read. A changed or revoked key is refused;
// none is ever replaced here. Guarantees that two first contacts at once do not lose each other's line.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export type HostKeyVerdict = 'known' | 'new' | 'changed';

/** The pinned keys of one cluster. */
export interface KnownHosts {
  readonly path: string;
  /** Compares `key` (SSH wire form) with the pinned one. */
  check(address: string, port: number, key: Uint8Array): { verdict: HostKeyVerdict; expected?: string; actual: string };
  /** Writes the key down. Only for a host without one. */
  pin(address: string, port: number, key: Uint8Array): void;
  /** Forgets what this cluster pinned for a host that is gone for good. */
  unpin(address: string, port: number): void;
  /** The type of the pinned key (`ssh-ed25519`, …): the one to ask the server for. */
  pinnedType(address: string, port: number): string | undefined;
}

/** `SHA256:…` as ssh-keygen -l prints it. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The files that `ssh` itself reads. */
export function userKnownHosts(): string[] {
  return [join(homedir(), '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts'];
}

/** Opens the file at `path`, which need not exist yet; `others` are read where it knows nothing of a host. */
export function openKnownHosts(path: string, others: readonly string[] = userKnownHosts()): KnownHosts {
  const keysIn = (file: string, address: string, port: number): KnownKey[] =>
    readLines(file).flatMap((line) => parseLine(line, hostName(address, port)));
  const findAll = (address: string, port: number): KnownKey[] => {
    for (const file of [path, ...others]) {
      const keys = keysIn(file, address, port);
      if (keys.some((each) => !each.isRevoked)) return keys;
    }
    return [];
  };
  const find = (address: string, port: number): Buffer | undefined =>
    findAll(address, port).find((each) => !each.isRevoked)?.key;
  return {
    path,
    check(address, port, key) {
      const actual = fingerprint(key);
      const isRevoked = [path, ...others].some((file) =>
        keysIn(file, address, port).some((each) => each.isRevoked && isSame(each.key, key)),
      );
      if (isRevoked) return { verdict: 'changed', expected: 'revoked', actual };
      const pinned = findAll(address, port).filter((each) => !each.isRevoked);
      const [first] = pinned;
      if (first === undefined) return { verdict: 'new', actual };
      const same = pinned.some((each) => isSame(each.key, key));
      return { verdict: same ? 'known' : 'changed', expected: fingerprint(first.key), actual };
    },
    pin(address, port, key) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const line = `${hostName(address, port)} ${keyType(key)} ${Buffer.from(key).toString('base64')}\n`;
      appendFileSync(path, line, { mode: 0o600 });
    },
    unpin(address, port) {
      const lines = readLines(path);
      const kept = lines.filter((line) => parseLine(line, hostName(address, port)).every((each) => each.isRevoked));
      if (kept.length !== lines.length) writeFileSync(path, kept.join('\n'), { mode: 0o600 });
    },
    pinnedType(address, port) {
      const pinned = find(address, port);
      return pinned === undefined ? undefined : keyType(pinned);
    },
  };
}

interface KnownKey {
  readonly key: Buffer;
  readonly isRevoked: boolean;
}

/** The key on a line of known_hosts (sshd(8)) when it speaks of `name`; certificates' authorities are left out. */
function parseLine(line: string, name: string): KnownKey[] {
  const words = line.trim().split(/\s+/);
  const mark = words[0]?.startsWith('@') === true ? words.shift() : undefined;
  const [hosts = '', , key] = words;
  if (hosts.startsWith('#') || key === undefined || mark === '@cert-authority') return [];
  return speaksOf(hosts, name) ? [{ key: Buffer.from(key, 'base64'), isRevoked: mark === '@revoked' }] : [];
}

/** Whether the first field of a line means `name`: hashed, or patterns of which none says no. */
function speaksOf(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split('|');
  if (version === '1' && salt !== undefined && hash !== undefined) {
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  const patterns = hosts.split(',');
  const matches = (pattern: string): boolean =>
    new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
      'i',
    ).test(name);
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern));
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function hostName(address: string, port: number): string {
  return port === 22 ? address : `[${address}]:${port}`;
}

/** The wire form begins with its type as a length-prefixed string (RFC 4253, 6.6). */
function keyType(key: Uint8Array): string {
  const bytes = Buffer.from(key);
  return bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('ascii');
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
