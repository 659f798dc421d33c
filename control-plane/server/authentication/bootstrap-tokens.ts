// Authenticates bootstrap tokens (`id.secret`) by their Secrets of kube-system, read from the cache: deleting the Secret
// ends the token at once. Compared in constant time; what is wrong with a token is not told to who sent it.
import { timingSafeEqual } from 'node:crypto';
import {
  bootstrapTokenNamespace,
  bootstrapTokenPrefix,
  readBootstrapToken,
  secrets,
  splitBootstrapToken,
  type Secret,
} from '../../../api/kinds/core/index.ts';
import { unauthorized } from '../../../api/meta/status.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Reader } from '../registry/reader.ts';
import type { TokenAuthenticator } from './authenticator.ts';

/** An authenticator of bootstrap tokens. */
export function createBootstrapTokens(reader: Reader, clock: Clock): TokenAuthenticator {
  return {
    async authenticate(text) {
      const given = splitBootstrapToken(text);
      if (given === undefined) return undefined;
      const name = bootstrapTokenPrefix + given.id;
      const stored = await reader.get<Secret>(secrets, bootstrapTokenNamespace, name);
      const token = stored && readBootstrapToken(stored);
      if (token === undefined || !token.mayAuthenticate || (token.expiresMs ?? Infinity) <= clock.now())
        throw unauthorized();
      // Both are sixteen letters and digits.
      if (!timingSafeEqual(Buffer.from(token.secret), Buffer.from(given.secret))) throw unauthorized();
      return { username: `system:bootstrap:${token.id}`, groups: token.groups };
    },
  };
}
