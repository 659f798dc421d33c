// Who may use the web shell: one-time tokens are exchanged for session cookies; both are kept as hashes in memory.
// Guarantees: a token opens one session and no more; comparisons take the same time whatever is wrong.
import { createHash, randomBytes } from 'node:crypto';

const maxSessions = 32;
const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export interface WebSessions {
  /** A new one-time token, valid until used. */
  issueToken(): string;
  /** Uses a token up; answers the session's secret for the cookie. */
  redeem(token: string): string | undefined;
  /** Whether the Cookie header holds a live session. */
  isAllowed(cookieHeader: string | undefined): boolean;
  /** The Set-Cookie value for a session. */
  cookieFor(session: string): string;
}

/** Sessions of one server; the cookie's name carries the port, as cookies are shared between ports of a host. */
export function createWebSessions(cookieName: string): WebSessions {
  const tokens = new Set<string>();
  const sessions = new Set<string>();
  return {
    issueToken() {
      const token = randomBytes(24).toString('base64url');
      tokens.add(digest(token));
      return token;
    },
    redeem(token) {
      if (!tokens.delete(digest(token))) return undefined;
      const session = randomBytes(32).toString('base64url');
      sessions.add(digest(session));
      for (const oldest of sessions) {
        if (sessions.size <= maxSessions) break;
        sessions.delete(oldest);
      }
      return session;
    },
    isAllowed(cookieHeader) {
      for (const part of (cookieHeader ?? '').split(';')) {
        const [name, value] = part.trim().split('=', 2);
        if (name === cookieName && value !== undefined && sessions.has(digest(value))) return true;
      }
      return false;
    },
    cookieFor: (session) => `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`,
  };
}
