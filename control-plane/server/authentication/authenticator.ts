// Finds out who asks: client certificate, then bearer token, else anonymous. Then impersonation, where allowed.
import type { IncomingHttpHeaders } from 'node:http';
import { unauthorized } from '../../../api/meta/status.ts';
import type { Peer } from '../http/peer.ts';
import { anonymous, authenticated, type User } from './user.ts';

/** Checks bearer tokens; undefined means: not mine. Throws Unauthorized for a token that is its own but invalid. */
export interface TokenAuthenticator {
  authenticate(token: string): Promise<User | undefined> | User | undefined;
}

/** Authenticates connections and tokens. */
export interface Authenticator {
  /** Throws Unauthorized for credentials that are wrong; no credentials are the anonymous user. */
  authenticate(peer: Peer, headers: IncomingHttpHeaders): User | Promise<User>;
}

const certificateUsers = new WeakMap<Peer, User>();

/** The user that a verified client certificate names, if any. */
export function userOfCertificate(peer: Peer): User | undefined {
  if (peer.commonName === undefined) return undefined;
  let user = certificateUsers.get(peer);
  if (user === undefined) {
    user = authenticated({ username: peer.commonName, groups: peer.organizations ?? [] });
    certificateUsers.set(peer, user);
  }
  return user;
}

/** Chains the ways to authenticate. */
export function createAuthenticator(tokens: readonly TokenAuthenticator[]): Authenticator {
  const byToken = async (token: string): Promise<User> => {
    for (const authenticator of tokens) {
      const user = await authenticator.authenticate(token);
      if (user !== undefined) return authenticated(user);
    }
    throw unauthorized();
  };
  return {
    authenticate(peer, headers) {
      const user = userOfCertificate(peer);
      if (user !== undefined) return user;
      const token = bearerTokenOf(headers);
      return token === undefined ? anonymous : byToken(token);
    },
  };
}

/** How browsers, which cannot set headers, send a bearer token: as a subprotocol. */
export const bearerProtocolPrefix = 'base64url.bearer.authorization.k8s.io.';

/** The token of an Authorization header, or of the WebSocket subprotocol that browsers use instead. */
export function bearerTokenOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const match = /^bearer +(\S+)\s*$/i.exec(authorization);
    return match?.[1];
  }
  const protocols = headers['sec-websocket-protocol'];
  if (protocols === undefined) return undefined;
  const carrying = protocols
    .split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith(bearerProtocolPrefix));
  return carrying === undefined
    ? undefined
    : Buffer.from(carrying.slice(bearerProtocolPrefix.length), 'base64url').toString();
}
