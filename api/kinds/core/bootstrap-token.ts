// Bootstrap tokens: Secrets of kube-system by which a machine that nobody knows yet may ask for a certificate, and by
// which it can trust the cluster's public information. Their fields, read once for all who use them. Pure.
import { decodeBase64 } from '../../meta/base64.ts';
import type { Secret } from './secret.ts';

/** The Secret's type. */
export const bootstrapTokenType = 'bootstrap.kubernetes.io/token';
/** Where such Secrets live. */
export const bootstrapTokenNamespace = 'kube-system';
/** What their names begin with; the token's id follows. */
export const bootstrapTokenPrefix = 'bootstrap-token-';
/** The group of everybody who comes with a bootstrap token. */
export const bootstrappersGroup = 'system:bootstrappers';

/** A well-formed token. */
export interface BootstrapToken {
  /** Six letters and digits: the public half. */
  readonly id: string;
  /** Sixteen letters and digits: the half that is kept secret. */
  readonly secret: string;
  /** When it ends; undefined when it does not, 0 for an end that cannot be read. */
  readonly expiresMs: number | undefined;
  /** Whether it names a user to the API. */
  readonly mayAuthenticate: boolean;
  /** Whether cluster-info is signed with it. */
  readonly maySign: boolean;
  /** The groups of its user. */
  readonly groups: readonly string[];
}

const idPattern = /^[a-z0-9]{6}$/;
const secretPattern = /^[a-z0-9]{16}$/;
const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/** Whether a bearer token looks like one, as its two halves. */
export function splitBootstrapToken(text: string): { readonly id: string; readonly secret: string } | undefined {
  const [, id, secret] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** The token of a Secret; undefined when the Secret is none, is not named after its token, or asks for other groups. */
export function readBootstrapToken(stored: Readonly<Secret>): BootstrapToken | undefined {
  if (stored.type !== bootstrapTokenType || stored.metadata.deletionTimestamp !== undefined) return undefined;
  const id = fieldOf(stored, 'token-id');
  const secret = fieldOf(stored, 'token-secret');
  if (!idPattern.test(id) || !secretPattern.test(secret) || stored.metadata.name !== bootstrapTokenPrefix + id)
    return undefined;
  const extra = fieldOf(stored, 'auth-extra-groups')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
  if (!extra.every((group) => groupPattern.test(group))) return undefined;
  return {
    id,
    secret,
    expiresMs: bootstrapTokenExpiryMs(stored),
    mayAuthenticate: fieldOf(stored, 'usage-bootstrap-authentication') === 'true',
    maySign: fieldOf(stored, 'usage-bootstrap-signing') === 'true',
    groups: [...new Set([bootstrappersGroup, ...extra])],
  };
}

/** When a token's Secret ends, however the rest of it looks. */
export function bootstrapTokenExpiryMs(stored: Readonly<Secret>): number | undefined {
  const text = fieldOf(stored, 'expiration');
  if (text === '') return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? 0 : atMs;
}

/** Every field of a token is ASCII; other bytes match no pattern. */
function fieldOf(secret: Readonly<Secret>, key: string): string {
  return String.fromCharCode(...decodeBase64(secret.data?.[key] ?? '').subarray(0, 4096));
}
