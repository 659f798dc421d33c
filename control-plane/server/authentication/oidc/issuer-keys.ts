// An issuer's public keys, found by OpenID Connect discovery over HTTPS and kept. A key that is not among them is looked
// for once more, but not more often than every ten seconds: tokens of strangers must not make this server ask others.
import { request } from 'node:https';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../../../machinery/clock.ts';

const refreshMs = 10_000;
const patienceMs = 10_000;
const largestDocumentBytes = 1024 * 1024;

export interface IssuerOptions {
  readonly url: string;
  readonly discoveryURL?: string;
  readonly certificateAuthority?: string;
}

/** Gives the keys; `again` asks for keys that are newer than those already given. Rejects when the issuer gives none. */
export type IssuerKeys = (again: boolean) => Promise<JWTVerifyGetKey>;

/** The keys of an issuer; asked for when first needed. */
export function createIssuerKeys(issuer: IssuerOptions, clock: Clock): IssuerKeys {
  let askedMs = -Infinity;
  let known: Promise<JWTVerifyGetKey> | undefined;
  return async (again) => {
    const isDue = clock.now() - askedMs >= refreshMs;
    if (known === undefined || (again && isDue)) {
      askedMs = clock.now();
      const asked = fetchKeys(issuer);
      const before = known;
      known = asked.catch((error: unknown) => {
        known = before;
        if (before !== undefined) return before;
        throw error;
      });
    }
    return known;
  };
}

async function fetchKeys({ url, discoveryURL, certificateAuthority }: IssuerOptions): Promise<JWTVerifyGetKey> {
  const at = discoveryURL ?? `${url.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const document = (await fetchJson(at, certificateAuthority)) as { issuer?: string; jwks_uri?: string };
  if (document.issuer !== url) throw new Error(`${at} is of the issuer ${document.issuer ?? '(none)'}, not of ${url}`);
  if (document.jwks_uri?.startsWith('https://') !== true) throw new Error(`${at} names no jwks_uri that is https`);
  return createLocalJWKSet((await fetchJson(document.jwks_uri, certificateAuthority)) as JSONWebKeySet);
}

function fetchJson(url: string, ca: string | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ca, signal: AbortSignal.timeout(patienceMs) }, (answer) => {
      const parts: Buffer[] = [];
      let size = 0;
      answer.on('data', (part: Buffer) => {
        size += part.length;
        if (size > largestDocumentBytes) answer.destroy(new Error(`${url} answers more than a megabyte`));
        else parts.push(part);
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode !== 200) return reject(new Error(`${url} answered ${answer.statusCode}`));
        try {
          resolve(JSON.parse(Buffer.concat(parts).toString()));
        } catch (cause) {
          reject(new Error(`${url} answered what is no JSON`, { cause }));
        }
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
