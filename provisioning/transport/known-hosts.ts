// Host keys, pinned at first contact in a file of the cluster's own (OpenSSH's known_hosts form). A changed key is
// refused; it is never replaced here. Guarantees that two first contacts at once do not lose each other's line.
import { createHash, timingSafeEqual } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

export type HostKeyVerdict = 'known' | 'new' | 'changed';

/** The pinned keys of one cluster. */
export interface KnownHosts {
  readonly path: string;
  /** Compares `key` (SSH wire form) with the pinned one. */
  check(address: string, port: number, key: Uint8Array): { verdict: HostKeyVerdict; expected?: string; actual: string };
  /** Writes the key down. Only for a host without one. */
  pin(address: string, port: number, key: Uint8Array): void;
  /** The type of the pinned key (`ssh-ed25519`, …): the one to ask the server for. */
  pinnedType(address: string, port: number): string | undefined;
}

/** `SHA256:…` as ssh-keygen -l prints it. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** Opens the file at `path`, which need not exist yet. */
export function openKnownHosts(path: string): KnownHosts {
  const find = (address: string, port: number): Buffer | undefined => {
    const name = hostName(address, port);
    for (const line of readLines(path)) {
      const [host, , key] = line.split(' ');
      if (host === name && key !== undefined) return Buffer.from(key, 'base64');
    }
    return undefined;
  };
  return {
    path,
    check(address, port, key) {
      const pinned = find(address, port);
      const actual = fingerprint(key);
      if (pinned === undefined) return { verdict: 'new', actual };
      const same = pinned.length === key.length && timingSafeEqual(pinned, key);
      return { verdict: same ? 'known' : 'changed', expected: fingerprint(pinned), actual };
    },
    pin(address, port, key) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const line = `${hostName(address, port)} ${keyType(key)} ${Buffer.from(key).toString('base64')}\n`;
      appendFileSync(path, line, { mode: 0o600 });
    },
    pinnedType(address, port) {
      const pinned = find(address, port);
      return pinned === undefined ? undefined : keyType(pinned);
    },
  };
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
