// When a bootstrap token is to go, and the signature by which one who knows a token can trust the public
// cluster-info: a JWS with detached content (RFC 7515, appendix F; HS256), as kubeadm checks it. Pure.
import { createHmac } from 'node:crypto';
import {
  bootstrapTokenExpiryMs,
  readBootstrapToken,
  type ConfigMap,
  type Secret,
} from '../../../api/kinds/core/index.ts';

const signaturePrefix = 'jws-kubeconfig-';

/** A token that signs. */
export interface SigningToken {
  readonly id: string;
  readonly secret: string;
}

/** The token of a Secret, if it may sign now. */
export function signingTokenOf(secret: Readonly<Secret>, nowMs: number): SigningToken | undefined {
  const token = readBootstrapToken(secret);
  if (token === undefined || !token.maySign || (token.expiresMs ?? Infinity) <= nowMs) return undefined;
  return { id: token.id, secret: token.secret };
}

export type TokenPlan = { do: 'delete' } | { do: 'wait'; forMs: number } | { do: 'nothing' };

/** Whether the token has run out, or in how many milliseconds it will; one without an end is left alone. */
export function planToken(secret: Readonly<Secret>, nowMs: number): TokenPlan {
  const expiryMs = bootstrapTokenExpiryMs(secret);
  if (expiryMs === undefined) return { do: 'nothing' };
  return expiryMs <= nowMs ? { do: 'delete' } : { do: 'wait', forMs: expiryMs - nowMs };
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
