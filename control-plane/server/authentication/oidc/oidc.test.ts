// OpenID Connect against an issuer of its own: a real HTTPS server with discovery and keys.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../../../machinery/clock.ts';
import { silentLogger } from '../../../../machinery/logger.ts';
import { createAuthority, issueCertificate, type Authority } from '../../../../machinery/pki/index.ts';
import type { User } from '../user.ts';
import { createOidcTokens } from './oidc-tokens.ts';
import { readAuthenticationConfiguration } from './read-configuration.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');

interface IssuingKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

function createKey(id: string): IssuingKey {
  return { id, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
}

let authority: Authority;
let issuer: Server;
let url: string;
let served: IssuingKey[] = [];
let asked = 0;
const first = createKey('first');

beforeAll(async () => {
  authority = await createAuthority('issuer');
  const { cert, key } = await issueCertificate(authority, { commonName: 'i', sans: ['127.0.0.1'], usages: ['server'] });
  issuer = createServer({ cert, key }, (request, response) => {
    if (request.url === '/keys') asked++;
    const keys = served.map(({ id, publicKey }) => ({ kid: id, alg: 'ES256', ...publicKey.export({ format: 'jwk' }) }));
    const body = request.url === '/keys' ? { keys } : { issuer: url, jwks_uri: `${url}/keys` };
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  served = [first];
});
afterAll(() => issuer.close());

const configuration = (jwt: object = {}): string =>
  JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [
      {
        issuer: { url, audiences: ['kubernetes'], certificateAuthority: authority.cert },
        claimMappings: {
          username: { claim: 'sub', prefix: 'corp:' },
          groups: { expression: "claims.?roles.orValue([]).map(role, 'corp:' + role)" },
          uid: { claim: 'oid' },
          extra: [{ key: 'example.com/tenant', valueExpression: 'claims.tenant' }],
        },
        claimValidationRules: [{ claim: 'hd', requiredValue: 'example.com' }],
        userValidationRules: [{ expression: "!user.username.startsWith('system:')", message: 'reserved' }],
        ...jwt,
      },
    ],
  });

const good = { sub: 'jane', oid: '42', tenant: 'blue', roles: ['dev', 'ops'], hd: 'example.com' };

function sign(claims: object, by = first, over: { iss?: string; aud?: string; exp?: number } = {}): Promise<string> {
  const { iss = url, aud = 'kubernetes', exp = nowMs / 1000 + 60 } = over;
  return new SignJWT({ ...claims, iss, aud, exp }).setProtectedHeader({ alg: 'ES256', kid: by.id }).sign(by.privateKey);
}

function authenticator(
  text = configuration(),
  clock: FakeClock = createFakeClock(nowMs),
): (token: string) => Promise<User | undefined> {
  const tokens = createOidcTokens(readAuthenticationConfiguration(text), { clock, logger: silentLogger });
  return async (token) => tokens.authenticate(token);
}

describe('a token of a configured issuer', () => {
  it('is the user that its claims are mapped to', async () => {
    expect(await authenticator()(await sign(good))).toEqual({
      username: 'corp:jane',
      uid: '42',
      groups: ['corp:dev', 'corp:ops'],
      extra: { 'example.com/tenant': ['blue'] },
    });
  });

  it.each<[string, object, { iss?: string; aud?: string; exp?: number }]>([
    ['for others', good, { aud: 'somebody-else' }],
    ['that has run out', good, { exp: nowMs / 1000 - 1 }],
    ['that breaks a rule about claims', { ...good, hd: 'elsewhere.com' }, {}],
    ['without the claim that names its user', { ...good, sub: undefined }, {}],
    ['whose groups are no text', { ...good, roles: [{}] }, {}],
  ])('%s is refused', async (_title, claims, over) => {
    await expect(authenticator()(await sign(claims, first, over))).rejects.toMatchObject({ reason: 'Unauthorized' });
  });

  it('is refused when a rule about users says so', async () => {
    const text = configuration({ claimMappings: { username: { claim: 'sub', prefix: '' } }, claimValidationRules: [] });
    expect((await authenticator(text)(await sign(good)))?.username).toBe('jane');
    await expect(authenticator(text)(await sign({ ...good, sub: 'system:admin' }))).rejects.toThrow();
  });

  it('of another issuer, or none at all, is nobody here', async () => {
    expect(await authenticator()(await sign(good, first, { iss: 'https://elsewhere.example.com' }))).toBeUndefined();
    expect(await authenticator()('no-token')).toBeUndefined();
  });
});

it('looks for new keys when it meets one, and not for every forged token', async () => {
  const clock = createFakeClock(nowMs);
  const ask = authenticator(configuration(), clock);
  await ask(await sign(good));
  const second = createKey('second');
  served = [first, second];
  const before = asked;
  await expect(ask(await sign(good, second))).rejects.toThrow();
  expect(asked).toBe(before);
  await clock.advance(10_000);
  expect((await ask(await sign(good, second)))?.username).toBe('corp:jane');
  for (let forged = 0; forged < 5; forged++) await expect(ask(await sign(good, createKey('forged')))).rejects.toThrow();
  expect(asked).toBe(before + 1);
});

it.each<[string, string, string]>([
  ['no issuer', '{"apiVersion":"apiserver.config.k8s.io/v1","kind":"AuthenticationConfiguration","jwt":[]}', 'jwt'],
  ['a forgotten prefix', '{"username":{"claim":"sub"}}', 'jwt[0].claimMappings.username.prefix: is needed'],
  ['claim and expression', '{"username":{"claim":"a","expression":"b","prefix":""}}', 'exactly one of'],
  ['an expression that does not compile', '{"username":{"expression":"claims."}}', 'jwt[0].claimMappings.username'],
  ['unknown fields', '{"username":{"claim":"a","prefix":""},"nickname":{}}', 'jwt.0.claimMappings'],
])('a configuration with %s is refused with the place', (_title, given, message) => {
  const text = given.includes('"kind"') ? given : configuration({ claimMappings: JSON.parse(given) as object });
  expect(() => readAuthenticationConfiguration(text)).toThrow(message);
});
