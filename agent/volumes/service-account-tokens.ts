// Tokens of service accounts for projected volumes, asked from the API server and renewed in time: at 80 % of their life,
// or after a day. A renewal that fails keeps the old token while it is valid.
import type { Clock } from '../../machinery/clock.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { serviceAccounts } from '../kubelet/resources.ts';

export interface TokenRequest {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly podName: string;
  readonly podUid: string;
  readonly audience?: string;
  readonly expirationSeconds: number;
}

export interface TokenSource {
  get(request: TokenRequest): Promise<string>;
  forget(podUid: string): void;
}

interface TokenAnswer {
  readonly status: { readonly token: string; readonly expirationTimestamp: string };
}

const longestUseMs = 24 * 3600 * 1000;
const usedShare = 0.8;

export function createTokenSource({ client, clock }: { client: RestClient; clock: Clock }): TokenSource {
  const tokens = new Map<string, { token: string; renewAtMs: number; expiresAtMs: number; podUid: string }>();
  return {
    async get(request) {
      const key = JSON.stringify(request);
      const nowMs = clock.now();
      const known = tokens.get(key);
      if (known !== undefined && nowMs < known.renewAtMs) return known.token;
      try {
        const { token, expirationTimestamp } = await ask(client, request);
        const expiresAtMs = Date.parse(expirationTimestamp);
        const renewAtMs = nowMs + Math.min((expiresAtMs - nowMs) * usedShare, longestUseMs);
        tokens.set(key, { token, renewAtMs, expiresAtMs, podUid: request.podUid });
        return token;
      } catch (error) {
        if (known !== undefined && nowMs < known.expiresAtMs) return known.token;
        throw error;
      }
    },
    forget(podUid) {
      for (const [key, entry] of tokens) if (entry.podUid === podUid) tokens.delete(key);
    },
  };
}

async function ask(client: RestClient, request: TokenRequest): Promise<TokenAnswer['status']> {
  const accounts = client.resource(serviceAccounts, request.namespace);
  const answer = await accounts.subresource<TokenAnswer>(request.serviceAccount, 'token', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: request.audience === undefined || request.audience === '' ? [] : [request.audience],
      expirationSeconds: request.expirationSeconds,
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: request.podName, uid: request.podUid },
    },
  });
  return answer.status;
}
