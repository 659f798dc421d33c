// The issuer's discovery document and keys, by which others can check service account tokens.
import type { Exchange } from '../http/exchange.ts';
import type { ServiceAccountTokens } from '../authentication/service-account-tokens.ts';

/** Answers the issuer's documents; false when the path is another. */
export function serveIssuer(tokens: ServiceAccountTokens, exchange: Exchange, address: () => string): boolean {
  if (exchange.path === '/.well-known/openid-configuration') {
    const algorithms = [...new Set(tokens.publicKeys.map(({ algorithm }) => algorithm))];
    const document = {
      issuer: tokens.issuer,
      jwks_uri: `https://${address()}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: algorithms,
    };
    exchange.send(200, 'application/json', JSON.stringify(document));
    return true;
  }
  if (exchange.path !== '/openid/v1/jwks') return false;
  const keys = tokens.publicKeys.map(({ id, algorithm, key }) => ({
    use: 'sig',
    kid: id,
    alg: algorithm,
    ...key.export({ format: 'jwk' }),
  }));
  exchange.send(200, 'application/jwk-set+json', JSON.stringify({ keys }));
  return true;
}
