// The Authorization header of an access: bearer token, token file (read again at most every 30 s), or basic.
import { readFileSync } from 'node:fs';
import type { ClusterAccess } from '../kubeconfig.ts';
import { systemClock } from '../clock.ts';

export interface Credentials {
  headers(): Readonly<Record<string, string>>;
}

const rereadMs = 30_000;

/** Credentials that follow a rotating token file; client certificates are the connection's business. */
export function createCredentials(access: ClusterAccess): Credentials {
  const { token, tokenFile, username, password } = access;
  if (token) return fixed(`Bearer ${token}`);
  if (tokenFile) {
    let read: { headers: Record<string, string>; atMs: number } | undefined;
    return {
      headers() {
        const nowMs = systemClock.now();
        if (read === undefined || nowMs - read.atMs > rereadMs) {
          read = { headers: { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` }, atMs: nowMs };
        }
        return read.headers;
      },
    };
  }
  if (username) return fixed(`Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`);
  return { headers: () => ({}) };
}

function fixed(authorization: string): Credentials {
  const headers = { authorization };
  return { headers: () => headers };
}
