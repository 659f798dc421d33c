// Bootstrap tokens as Secrets hold them, and the signature by which one who knows a token can trust the public
// cluster-info: a JWS with detached content (RFC 7515, appendix F; HS256), as kubeadm checks it. Pure.
import { createHmac } from 'node:crypto';
import type { ConfigMap, Secret } from '../../../api/kinds/core/index.ts';

export const tokenSecretType = 'bootstrap.kubernetes.io/token';
const namePrefix = 'bootstrap-token-';
const signaturePrefix = 'jws-kubeconfig-';

/** A token that signs. */
export interface SigningToken {
  readonly id: string;
  readonly secret: string;
}

function fieldOf(secret: Readonly<Secret>, key: string): string {
  return Buffer.from(secret.data?.[key] ?? '', 'base64').toString('utf8');
}

/** When a token ends; undefined for one without an end, and long ago for an end that cannot be read. */
export function tokenExpiryMs(secret: Readonly<Secret>): number | undefined {
  const text = fieldOf(secret, 'expiration');
  if (text === '') return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? 0 : atMs;
}

/** The token of a Secret, if it may sign now. */
export function signingTokenOf(secret: Readonly<Secret>, nowMs: number): SigningToken | undefined {
  if (secret.type !== tokenSecretType || !secret.metadata.name.startsWith(namePrefix)) return undefined;
  const id = fieldOf(secret, 'token-id');
  const value = fieldOf(secret, 'token-secret');
  if (!/^[a-z0-9]{6}$/.test(id) || secret.metadata.name !== namePrefix + id || value === '') return undefined;
  if ((tokenExpiryMs(secret) ?? Infinity) <= nowMs) return undefined;
  return fieldOf(secret, 'usage-bootstrap-signing') === 'true' ? { id, secret: value } : undefined;
}

/** `HEADER..SIGNATURE` over the content. */
export function detachedSignature(content: string, { id, secret }: SigningToken): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: id })).toString('base64url');
  const payload = Buffer.from(content).toString('base64url');
  return `${header}..${createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')}`;
}

/** cluster-info with exactly the signatures of these tokens; undefined when it has them already. */
export function planClusterInfo(info: Readonly<ConfigMap>, tokens: readonly SigningToken[]): ConfigMap | undefined {
  const content = info.data?.['kubeconfig'];
  if (content === undefined) return undefined;
  const present = Object.entries(info.data ?? {});
  const signatures = tokens.map((token) => [signaturePrefix + token.id, detachedSignature(content, token)] as const);
  const data = Object.fromEntries([...present.filter(([key]) => !key.startsWith(signaturePrefix)), ...signatures]);
  const isSame = present.length === Object.keys(data).length && present.every(([key, value]) => data[key] === value);
  return isSame ? undefined : { ...info, data };
}
