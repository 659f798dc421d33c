// What an aggregated server is told of a request: the caller's identity in X-Remote-* headers, which it believes because
// they come with the front proxy's certificate. Credentials of the caller never leave this server. Pure.
import type { IncomingHttpHeaders } from 'node:http';
import type { User } from '../authentication/user.ts';

const own = new Set([
  'authorization',
  'connection',
  'cookie',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The caller as headers. */
export function identityHeaders({ username, uid, groups, extra = {} }: User): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { 'x-remote-user': username, 'x-remote-group': [...groups] };
  if (uid) headers['x-remote-uid'] = uid;
  for (const [key, values] of Object.entries(extra)) headers[`x-remote-extra-${headerKey(key)}`] = [...values];
  return headers;
}

/** Bytes that may not be in a header's name are percent-encoded, as upstream's servers expect. */
function headerKey(key: string): string {
  return key
    .toLowerCase()
    .replace(/[^a-z0-9!#$&'*+.^_`|~-]/g, (letter) =>
      [...Buffer.from(letter)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
    );
}

/** The headers of a forwarded request: the caller's own without credentials and forged identities, then who it is. */
export function frontProxyHeaders(
  incoming: IncomingHttpHeaders,
  user: User,
  from: { readonly address: string; readonly path: string; readonly isUpgrade: boolean },
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(incoming)) {
    if (value === undefined || name.startsWith(':') || name.startsWith('x-remote-') || name.startsWith('impersonate-'))
      continue;
    if (!own.has(name) || (from.isUpgrade && (name === 'connection' || name === 'upgrade'))) headers[name] = value;
  }
  const forwarded = headers['x-forwarded-for'];
  headers['x-forwarded-for'] = forwarded === undefined ? from.address : `${String(forwarded)}, ${from.address}`;
  headers['x-forwarded-uri'] = from.path;
  return { ...headers, ...identityHeaders(user) };
}
