// Service account tokens: signs them, and checks them including what they are bound to (account, pod, secret, node).
// A checked token is remembered briefly, so that a busy client costs one signature check a few seconds.
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { jwtVerify, SignJWT, decodeJwt, errors as joseErrors, type JWTPayload } from 'jose';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { unauthorized } from '../../../api/meta/status.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Reader, Stored } from '../registry/reader.ts';
import type { TokenAuthenticator } from './authenticator.ts';
import { wellKnown, type User } from './user.ts';

/** What a token may be bound to, beside its account. */
export interface TokenBinding {
  readonly kind: 'Pod' | 'Secret' | 'Node';
  readonly name: string;
  readonly uid: string;
}

/** What a token says. */
export interface TokenClaims {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly binding?: TokenBinding;
  /** The node of the pod that the token is bound to. */
  readonly node?: { readonly name: string; readonly uid?: string };
}

/** Issues and checks tokens. */
export interface ServiceAccountTokens extends TokenAuthenticator {
  issue(claims: TokenClaims): Promise<{ token: string; expiresMs: number }>;
  /** Checks for the given audiences; undefined when the token is not a service account's. */
  check(token: string, audiences: readonly string[]): Promise<{ user: User; audiences: readonly string[] } | undefined>;
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Public keys for the JWKS document. */
  readonly publicKeys: readonly { readonly id: string; readonly algorithm: string; readonly key: KeyObject }[];
}

export interface ServiceAccountTokenOptions {
  readonly signingKey: string;
  readonly verificationKeys: readonly string[];
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly clock: Clock;
  readonly reader: Reader;
  readonly resources: {
    readonly serviceAccounts: Stored;
    readonly pods: Stored;
    readonly secrets: Stored;
    readonly nodes: Stored;
  };
}

interface KubernetesClaims {
  namespace?: string;
  serviceaccount?: { name?: string; uid?: string };
  pod?: { name: string; uid: string };
  secret?: { name: string; uid: string };
  node?: { name: string; uid?: string };
}

const rememberMs = 10_000;
const mostRemembered = 5_000;

function algorithmOf(key: KeyObject): string {
  return key.asymmetricKeyType === 'rsa' ? 'RS256' : key.asymmetricKeyType === 'ed25519' ? 'EdDSA' : 'ES256';
}

function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

/** Creates the issuer and checker. */
export function createServiceAccountTokens(options: ServiceAccountTokenOptions): ServiceAccountTokens {
  const { clock, reader, resources, issuer } = options;
  const privateKey = createPrivateKey(options.signingKey);
  const publicKeys = [...new Set([options.signingKey, ...options.verificationKeys])]
    .map((pem) => createPublicKey(pem))
    .map((key) => ({ id: keyId(key), algorithm: algorithmOf(key), key }))
    .filter((key, index, all) => all.findIndex((other) => other.id === key.id) === index);
  const signingId = keyId(createPublicKey(options.signingKey));
  const remembered = new Map<string, { untilMs: number; user: User }>();

  const verify = async (token: string, audiences: readonly string[]): Promise<JWTPayload> => {
    for (const { key, algorithm } of publicKeys) {
      try {
        const currentDate = new Date(clock.now());
        return (await jwtVerify(token, key, { issuer, audience: [...audiences], algorithms: [algorithm], currentDate }))
          .payload;
      } catch (error) {
        if (
          !(error instanceof joseErrors.JWSSignatureVerificationFailed) &&
          !(error instanceof joseErrors.JOSEAlgNotAllowed)
        )
          throw unauthorized();
      }
    }
    throw unauthorized();
  };

  const same = async (
    resource: Stored,
    namespace: string,
    expected: { name?: string; uid?: string },
  ): Promise<boolean> => {
    if (expected.name === undefined) return false;
    const object =
      (await reader.get<KubernetesObject>(resource, namespace, expected.name)) ??
      (await reader.get(resource, namespace, expected.name, 'latest'));
    return (
      object !== undefined &&
      (expected.uid === undefined || object.metadata.uid === expected.uid) &&
      !isLongGone(object)
    );
  };

  /** A bound object that should have ended a minute ago takes its tokens with it. */
  const isLongGone = (object: KubernetesObject): boolean => {
    const { deletionTimestamp } = object.metadata;
    return deletionTimestamp !== undefined && Date.parse(deletionTimestamp) + 60_000 < clock.now();
  };

  const userOf = async (payload: JWTPayload): Promise<User> => {
    const claims = (payload['kubernetes.io'] ?? {}) as KubernetesClaims;
    const { namespace = '', serviceaccount = {}, pod, secret, node } = claims;
    if (!(await same(resources.serviceAccounts, namespace, serviceaccount))) throw unauthorized();
    if (pod !== undefined && !(await same(resources.pods, namespace, pod))) throw unauthorized();
    if (secret !== undefined && !(await same(resources.secrets, namespace, secret))) throw unauthorized();
    if (node !== undefined && pod === undefined && !(await same(resources.nodes, '', node))) throw unauthorized();
    const extra: Record<string, string[]> = {};
    if (payload.jti !== undefined) extra['authentication.kubernetes.io/credential-id'] = [`JTI=${payload.jti}`];
    if (pod !== undefined) {
      extra['authentication.kubernetes.io/pod-name'] = [pod.name];
      extra['authentication.kubernetes.io/pod-uid'] = [pod.uid];
    }
    if (node !== undefined) {
      extra['authentication.kubernetes.io/node-name'] = [node.name];
      if (node.uid !== undefined) extra['authentication.kubernetes.io/node-uid'] = [node.uid];
    }
    return {
      username: `${wellKnown.serviceAccountPrefix}${namespace}:${serviceaccount.name}`,
      uid: serviceaccount.uid,
      groups: [wellKnown.serviceAccounts, `${wellKnown.serviceAccounts}:${namespace}`],
      extra,
    };
  };

  const isOurs = (token: string): boolean => {
    try {
      return decodeJwt(token).iss === issuer;
    } catch {
      return false;
    }
  };

  return {
    issuer,
    audiences: options.audiences,
    publicKeys,
    async authenticate(token) {
      const known = remembered.get(token);
      if (known !== undefined && known.untilMs > clock.now()) return known.user;
      if (!isOurs(token)) return undefined;
      const user = await userOf(await verify(token, options.audiences));
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(token, { untilMs: clock.now() + rememberMs, user });
      return user;
    },
    async check(token, audiences) {
      if (!isOurs(token)) return undefined;
      const payload = await verify(token, audiences);
      const given = typeof payload.aud === 'string' ? [payload.aud] : (payload.aud ?? []);
      return { user: await userOf(payload), audiences: given.filter((audience) => audiences.includes(audience)) };
    },
    async issue(claims) {
      const nowSeconds = Math.floor(clock.now() / 1000);
      const expires = nowSeconds + claims.expirationSeconds;
      const kubernetes: KubernetesClaims = { namespace: claims.namespace, serviceaccount: claims.serviceAccount };
      const { binding } = claims;
      if (binding !== undefined)
        kubernetes[binding.kind.toLowerCase() as 'pod' | 'secret' | 'node'] = { name: binding.name, uid: binding.uid };
      if (claims.node !== undefined) kubernetes.node = claims.node;
      const token = await new SignJWT({ 'kubernetes.io': kubernetes })
        .setProtectedHeader({ alg: algorithmOf(privateKey), kid: signingId })
        .setIssuer(issuer)
        .setSubject(`${wellKnown.serviceAccountPrefix}${claims.namespace}:${claims.serviceAccount.name}`)
        .setAudience([...claims.audiences])
        .setIssuedAt(nowSeconds)
        .setNotBefore(nowSeconds)
        .setExpirationTime(expires)
        .setJti(crypto.randomUUID())
        .sign(privateKey);
      return { token, expiresMs: expires * 1000 };
    },
  };
}
