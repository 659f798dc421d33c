// Authenticates tokens of configured OpenID Connect issuers: signature, audience, dates, then the configuration's rules,
// then claims become a user. A token of an issuer that is not configured is nobody's here.
import { decodeJwt, errors as joseErrors, jwtVerify, type JWTPayload } from 'jose';
import { unauthorized } from '../../../../api/meta/status.ts';
import { Budget, fromJson, perCallLimit, toJson, type Program } from '../../../../machinery/cel/index.ts';
import type { Clock } from '../../../../machinery/clock.ts';
import type { Logger } from '../../../../machinery/logger.ts';
import type { TokenAuthenticator } from '../authenticator.ts';
import type { User } from '../user.ts';
import { createIssuerKeys, type IssuerKeys } from './issuer-keys.ts';
import type { Condition, JwtAuthenticatorConfiguration, Source } from './read-configuration.ts';

/** Signatures by public keys only; what an issuer shares with its clients proves nothing here. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** An authenticator of all configured issuers. */
export function createOidcTokens(
  configurations: readonly JwtAuthenticatorConfiguration[],
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): TokenAuthenticator {
  const issuers = new Map(
    configurations.map((one) => [one.issuer.url, { one, keys: createIssuerKeys(one.issuer, clock) }] as const),
  );
  return {
    async authenticate(token) {
      const found = issuers.get(issuerOf(token));
      if (found === undefined) return undefined;
      const { one, keys } = found;
      try {
        const claims = await verify(token, one, keys, new Date(clock.now()));
        return userOf(one, claims);
      } catch (error) {
        // The client is told nothing; whoever runs the cluster is.
        logger.debug({ err: error, issuer: one.issuer.url }, 'a token of an OpenID Connect issuer was refused');
        throw unauthorized();
      }
    },
  };
}

function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    return '';
  }
}

async function verify(
  token: string,
  { issuer }: JwtAuthenticatorConfiguration,
  keys: IssuerKeys,
  currentDate: Date,
): Promise<JWTPayload> {
  const options = { issuer: issuer.url, audience: issuer.audiences, algorithms, currentDate, requiredClaims: ['exp'] };
  try {
    return (await jwtVerify(token, await keys(false), options)).payload;
  } catch (error) {
    // The issuer may have begun to sign with another key.
    if (
      !(error instanceof joseErrors.JWKSNoMatchingKey) &&
      !(error instanceof joseErrors.JWSSignatureVerificationFailed)
    )
      throw error;
    return (await jwtVerify(token, await keys(true), options)).payload;
  }
}

function userOf(one: JwtAuthenticatorConfiguration, claims: JWTPayload): User {
  if (isUsedAsName(one.username, 'email') && claims['email_verified'] === false)
    throw new Error('the email address is not verified');
  check(one.claimRules, claims, 'claims');
  const username = textFrom(one.username, claims);
  if (username === '') throw new Error('the username is empty');
  const uid = one.uid === undefined ? undefined : textFrom(one.uid, claims);
  const extra: Record<string, string[]> = {};
  for (const { key, program } of one.extra) {
    const values = textsOf(evaluate(program, { claims }));
    if (values.length > 0) extra[key] = values;
  }
  const user = {
    username,
    groups: one.groups === undefined ? [] : textsFrom(one.groups, claims),
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
  check(one.userRules, user, 'user');
  return user;
}

function isUsedAsName(source: Source, claim: string): boolean {
  return 'claim' in source && source.claim === claim;
}

function check(rules: readonly Condition[], subject: object, name: 'claims' | 'user'): void {
  for (const rule of rules) {
    if ('claim' in rule) {
      const value = (subject as Record<string, unknown>)[rule.claim];
      if (value !== rule.requiredValue) throw new Error(`the claim ${rule.claim} must be ${rule.requiredValue}`);
    } else if (evaluate(rule.program, { [name]: subject }) !== true)
      throw new Error(rule.message || `the rule ${rule.program.source} does not hold`);
  }
}

function evaluate(program: Program, variables: Readonly<Record<string, unknown>>): unknown {
  const values = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, fromJson(value)]));
  return toJson(program.evaluate(values, new Budget(perCallLimit)));
}

function textFrom(source: Source, claims: JWTPayload): string {
  const value = 'claim' in source ? claims[source.claim] : evaluate(source.program, { claims });
  if (typeof value !== 'string') throw new Error('a claim that names the user is no text');
  return 'claim' in source ? source.prefix + value : value;
}

function textsFrom(source: Source, claims: JWTPayload): string[] {
  if (!('claim' in source)) return textsOf(evaluate(source.program, { claims }));
  return textsOf(claims[source.claim]).map((group) => source.prefix + group);
}

/** One text or a list of them; nothing for nothing. */
function textsOf(value: unknown): string[] {
  if (value === undefined || value === null || value === '') return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((one) => typeof one === 'string'))
    throw new Error('a claim that must be text or a list of it is not');
  return list as string[];
}
