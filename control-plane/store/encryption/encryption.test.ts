import { createDecipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../api/kinds/catalogue.ts';
import { readEncryptionConfiguration } from './configuration.ts';
import { createCipher, providerNames } from './providers.ts';
import { createValueCodec, type ValueCodec } from './value-codec.ts';

const secretOf = (letter: string, length = 32): string => Buffer.from(letter.repeat(length)).toString('base64');
const configuration = (providers: string, resources = 'secrets'): string => `
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [${resources}]
    providers: [${providers}]
`;
const keyed = (provider: string, ...names: string[]): string =>
  `{${provider}: {keys: [${names.map((name) => `{name: ${name}, secret: ${secretOf(name[0] ?? 'x')}}`).join()}]}}`;
const codecOf = (providers: string, resources?: string): ValueCodec =>
  createValueCodec(readEncryptionConfiguration(configuration(providers, resources)), catalogue);

const key = '/registry/secrets/default/s';
const plain = Buffer.from('{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"p":"aHVudGVyMg=="}}');

describe.each(providerNames)('%s', (provider) => {
  it('opens what it sealed, and seals the same value differently each time', () => {
    const cipher = createCipher(provider, Buffer.alloc(32, 7));
    const [one, two] = [cipher.seal(plain, key), cipher.seal(plain, key)];
    expect(cipher.open(one, key)).toEqual(plain);
    expect(cipher.open(two, key)).toEqual(plain);
    expect(one.equals(two)).toBe(false);
    expect(one.includes('hunter2')).toBe(false);
  });

  it('opens nothing with another key, and nothing that is cut short', () => {
    const sealed = createCipher(provider, Buffer.alloc(32, 7)).seal(plain, key);
    const other = createCipher(provider, Buffer.alloc(32, 8));
    const attempt = (): Buffer => other.open(sealed, key);
    // CBC is not authenticated: by chance its padding may look right, but the value never does.
    if (provider === 'aescbc') expect(outcomeOf(attempt)).not.toBe(plain.toString());
    else expect(attempt).toThrow();
    expect(() => other.open(sealed.subarray(0, 20), key)).toThrow();
  });
});

const outcomeOf = (attempt: () => Buffer): string | undefined => {
  try {
    return attempt().toString();
  } catch {
    return undefined;
  }
};

describe('authenticated ciphers', () => {
  it.each(['aesgcm', 'secretbox'] as const)('%s notices a changed bit', (provider) => {
    const cipher = createCipher(provider, Buffer.alloc(32, 7));
    const sealed = cipher.seal(plain, key);
    sealed[sealed.length - 20] = (sealed[sealed.length - 20] ?? 0) ^ 1;
    expect(() => cipher.open(sealed, key)).toThrow();
  });

  it('aesgcm binds a value to its key in etcd', () => {
    const cipher = createCipher('aesgcm', Buffer.alloc(32, 7));
    expect(() => cipher.open(cipher.seal(plain, key), '/registry/secrets/default/other')).toThrow();
  });
});

describe('the format', () => {
  it('is upstream’s: prefix with provider and key name, then nonce, ciphertext and tag', () => {
    const value = codecOf(keyed('aesgcm', 'key1')).toEtcd(key, plain);
    const start = 'k8s:enc:aesgcm:v1:key1:';
    expect(value.toString('latin1', 0, start.length)).toBe(start);
    const sealed = value.subarray(start.length);
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from('k'.repeat(32)), sealed.subarray(0, 12));
    decipher.setAAD(Buffer.from(key));
    decipher.setAuthTag(sealed.subarray(-16));
    expect(Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])).toEqual(plain);
  });

  it('opens NaCl’s own test vector', () => {
    const hex = (text: string): Buffer => Buffer.from(text, 'hex');
    const firstKey = hex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389');
    const nonce = hex('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37');
    const box = hex(
      'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5',
    );
    const opened = createCipher('secretbox', firstKey).open(Buffer.concat([nonce, box]), key);
    expect(opened.toString('hex')).toMatch(/^be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffc/);
    expect(opened).toHaveLength(131);
  });
});

describe('rotation', () => {
  const old = codecOf(keyed('aesgcm', 'a'));
  const rotated = codecOf(keyed('aesgcm', 'b', 'a'));
  const value = old.toEtcd(key, plain);

  it('reads by any key, writes by the first, and knows what is stale', () => {
    expect(rotated.fromEtcd(key, value)).toEqual(plain);
    expect(rotated.isStale(key, value)).toBe(true);
    const fresh = rotated.toEtcd(key, plain);
    expect(rotated.isStale(key, fresh)).toBe(false);
    expect(() => old.fromEtcd(key, fresh)).toThrow(
      `the value of ${key} was sealed with the key aesgcm "b", which the encryption configuration does not hold`,
    );
  });

  it('reads open values while encryption is being turned on, and sealed ones while it is turned off', () => {
    const on = codecOf(`${keyed('secretbox', 'a')}, {identity: {}}`);
    expect(on.fromEtcd(key, plain)).toEqual(plain);
    expect(on.isStale(key, plain)).toBe(true);
    const off = codecOf(`{identity: {}}, ${keyed('secretbox', 'a')}`);
    const sealed = on.toEtcd(key, plain);
    expect(off.fromEtcd(key, sealed)).toEqual(plain);
    expect(off.toEtcd(key, plain)).toBe(plain);
    expect([off.isStale(key, sealed), off.isStale(key, plain)]).toEqual([true, false]);
  });
});

describe('which values are sealed', () => {
  const isSealed = (codec: ValueCodec, at: string): boolean => codec.toEtcd(at, plain) !== plain;

  it.each<[string, string, string, boolean]>([
    ['a named resource', 'secrets', '/registry/secrets/ns/a', true],
    ['not another', 'secrets', '/registry/configmaps/ns/a', false],
    ['a resource with a folder of its own name', 'services', '/registry/services/specs/ns/a', true],
    ['a resource of a group', 'deployments.apps', '/registry/deployments/ns/a', true],
    ['not its namesake of the core group', 'deployments', '/registry/deployments/ns/a', false],
    ['a group', '"*.apps"', '/registry/daemonsets/ns/a', true],
    ['the core group', '"*."', '/registry/pods/ns/a', true],
    ['not other groups with it', '"*."', '/registry/daemonsets/ns/a', false],
    ['a custom resource', 'pandas.bears.example', '/registry/bears.example/pandas/ns/a', true],
    ['not its neighbours', 'pandas.bears.example', '/registry/bears.example/grizzlies/ns/a', false],
    ['everything', '"*.*"', '/registry/bears.example/grizzlies/ns/a', true],
  ])('%s', (_title, resources, at, expected) => {
    expect(isSealed(codecOf(keyed('aesgcm', 'a'), resources), at)).toBe(expected);
  });

  it('names the prefixes that a rewrite has to go through', () => {
    const prefixes = codecOf(
      keyed('aesgcm', 'a'),
      'secrets, services, pandas.bears.example, "*.cats.example"',
    ).prefixes;
    expect([...prefixes].sort()).toEqual([
      '/registry/bears.example/pandas/',
      '/registry/cats.example/',
      '/registry/secrets/',
      '/registry/services/specs/',
    ]);
  });

  it('follows the first rule that names a resource', () => {
    const rules = readEncryptionConfiguration(configuration(keyed('aesgcm', 'a')));
    const first = createValueCodec([{ resources: ['secrets'], keys: [{ provider: 'identity' }] }, ...rules], catalogue);
    expect(isSealed(first, key)).toBe(false);
  });
});

describe('a configuration that cannot be honoured', () => {
  it.each([
    [configuration('{kms: {name: x}}'), 'the provider "kms" is not supported (a key management service'],
    [configuration('{aesgcm: {keys: []}}'), 'at least one key is needed'],
    [configuration(`{aesgcm: {keys: [{name: a, secret: ${secretOf('a', 20)}}]}}`), 'takes keys of 16, 24, 32 bytes'],
    [configuration(`{secretbox: {keys: [{name: a, secret: ${secretOf('a', 16)}}]}}`), 'takes keys of 32 bytes'],
    [configuration(`{aescbc: {keys: [{name: "a:b", secret: ${secretOf('a')}}]}}`), 'a name without ":"'],
    [configuration(keyed('aescbc', 'a', 'a')), 'two keys are named "a"'],
    [configuration('{identity: {}, aescbc: {}}'), 'exactly one provider'],
    [configuration(keyed('aesgcm', 'a'), '"*"'), 'is no resource'],
    ['kind: Other', 'kind: EncryptionConfiguration'],
  ])('is refused: %#', (text, why) => {
    expect(() => readEncryptionConfiguration(text)).toThrow(why);
  });

  it('never quotes a secret', () => {
    const text = configuration(`{aesgcm: {keys: [{name: a, secret: "topsecret!"}]}} : :`);
    expect(() => readEncryptionConfiguration(text)).toThrow(/^((?!topsecret).)*$/s);
  });
});
