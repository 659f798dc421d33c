// What stands between a plain value and etcd: for each key the rule of its resource, which seals with its first key and
// opens with any. Keys of resources that no rule names pass untouched, at the cost of one look-up.
import type { EncryptionRule } from './configuration.ts';
import { createCipher, type Cipher } from './providers.ts';

const sealedStart = Buffer.from('k8s:enc:');

/** A value that no configured key opens. Says where and by which key it was sealed, never what is in it. */
export class SealedValueError extends Error {}

export interface ValueCodec {
  toEtcd(key: string, plain: Buffer): Buffer;
  /** Throws SealedValueError. */
  fromEtcd(key: string, value: Buffer): Buffer;
  /** Whether the value would be written in another way now: by another key, or sealed at all. */
  isStale(key: string, value: Buffer): boolean;
  /** Prefixes of etcd keys under which values may be sealed. */
  readonly prefixes: readonly string[];
}

/** Where a resource lives in etcd. */
export interface StoredResource {
  readonly group: string;
  readonly plural: string;
  readonly storagePrefix: string;
}

interface Seal {
  /** `k8s:enc:aesgcm:v1:NAME:`; empty for identity. */
  readonly start: Buffer;
  readonly cipher: Cipher | undefined;
}

interface Sealing {
  readonly first: Seal;
  readonly all: readonly Seal[];
}

/** Builds the codec for built-in resources at their prefixes, and custom ones at `/registry/GROUP/PLURAL/`. */
export function createValueCodec(rules: readonly EncryptionRule[], resources: readonly StoredResource[]): ValueCodec {
  const sealings = rules.map(({ resources: names, keys }) => {
    const all = keys.map((key): Seal => {
      if (key.provider === 'identity') return { start: Buffer.alloc(0), cipher: undefined };
      const start = Buffer.from(`${sealedStart.toString()}${key.provider}:v1:${key.name}:`);
      return { start, cipher: createCipher(key.provider, key.secret) };
    });
    return { names: new Set(names), first: all[0] as Seal, all };
  });
  const sealingOf = (group: string, plural: string): Sealing | undefined =>
    sealings.find(
      ({ names }) =>
        names.has(group === '' ? plural : `${plural}.${group}`) || names.has(`*.${group}`) || names.has('*.*'),
    );
  const byPrefix = new Map<string, Sealing | undefined>();
  for (const { group, plural, storagePrefix } of resources) {
    // A resource served in several groups or versions is stored once, under the first that is listed.
    if (!byPrefix.has(storagePrefix)) byPrefix.set(storagePrefix, sealingOf(group, plural));
  }
  const lookUp = (key: string): Sealing | undefined => {
    for (const depth of [3, 4]) {
      const end = nthSlash(key, depth);
      if (end === -1) break;
      const prefix = key.slice(0, end + 1);
      if (byPrefix.has(prefix)) return byPrefix.get(prefix);
    }
    // A custom resource: remembered by its prefix from now on.
    const [, , group = '', plural = '', ...rest] = key.split('/');
    if (rest.length === 0 || !group.includes('.')) return undefined;
    const sealing = sealingOf(group, plural);
    byPrefix.set(`/registry/${group}/${plural}/`, sealing);
    return sealing;
  };

  return {
    prefixes: sealedPrefixes(rules, byPrefix),
    toEtcd(key, plain) {
      const first = lookUp(key)?.first;
      if (first?.cipher === undefined) return plain;
      return Buffer.concat([first.start, first.cipher.seal(plain, key)]);
    },
    fromEtcd(key, value) {
      if (!startsWith(value, sealedStart)) return value;
      for (const { start, cipher } of lookUp(key)?.all ?? []) {
        if (cipher === undefined || !startsWith(value, start)) continue;
        try {
          return cipher.open(value.subarray(start.length), key);
        } catch (cause) {
          throw new SealedValueError(`the value of ${key} does not open with the key ${nameOf(value)}`, { cause });
        }
      }
      throw new SealedValueError(
        `the value of ${key} was sealed with the key ${nameOf(value)}, which the encryption configuration does not hold for this resource: add it there`,
      );
    },
    isStale(key, value) {
      const first = lookUp(key)?.first;
      if (first === undefined) return false;
      return first.cipher === undefined ? startsWith(value, sealedStart) : !startsWith(value, first.start);
    },
  };
}

/** Where sealed values may be: what is built in and matched, and custom resources by what the rules say of their group. */
function sealedPrefixes(rules: readonly EncryptionRule[], byPrefix: ReadonlyMap<string, unknown>): string[] {
  const names = rules.flatMap(({ resources }) => resources);
  if (names.includes('*.*')) return ['/registry/'];
  const builtIn = [...byPrefix].filter(([, sealing]) => sealing !== undefined).map(([prefix]) => prefix);
  const custom = names.flatMap((name) => {
    const [plural = '', group = ''] = [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)];
    if (!name.includes('.') || !group.includes('.')) return [];
    return [plural === '*' ? `/registry/${group}/` : `/registry/${group}/${plural}/`];
  });
  return [...new Set([...builtIn, ...custom])];
}

function startsWith(value: Buffer, start: Buffer): boolean {
  return value.length >= start.length && value.compare(start, 0, start.length, 0, start.length) === 0;
}

/** `aesgcm "key1"` of a sealed value. */
function nameOf(value: Buffer): string {
  const [provider = '', , name = ''] = value
    .toString('latin1', sealedStart.length, sealedStart.length + 200)
    .split(':');
  return `${provider} ${JSON.stringify(name)}`;
}

function nthSlash(text: string, n: number): number {
  let at = -1;
  for (let i = 0; i < n; i++) {
    at = text.indexOf('/', at + 1);
    if (at === -1) return -1;
  }
  return at;
}
