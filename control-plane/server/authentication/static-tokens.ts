// Bearer tokens known from the start. Compared by digest, so that time tells nothing about them.
import { createHash } from 'node:crypto';
import type { StaticToken } from '../options.ts';
import type { TokenAuthenticator } from './authenticator.ts';

const digest = (token: string): string => createHash('sha256').update(token).digest('base64');

/** Authenticates fixed tokens. */
export function createStaticTokens(tokens: readonly StaticToken[]): TokenAuthenticator {
  const users = new Map(tokens.map(({ token, username, uid, groups }) => [digest(token), { username, uid, groups }]));
  return { authenticate: (token) => users.get(digest(token)) };
}
