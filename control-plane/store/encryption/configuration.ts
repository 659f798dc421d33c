// Reads an EncryptionConfiguration (apiserver.config.k8s.io/v1) from YAML or JSON. One that cannot be honoured whole is
// refused with the place: nothing may be stored in the open that its owner believes sealed.
import { parse } from 'yaml';
import { keyLengths, providerNames, type ProviderName } from './providers.ts';

/** Why a configuration cannot be used; names the field, never a secret. */
export class EncryptionConfigurationError extends Error {}

/** One way to seal, with one key; `identity` leaves values as they are. */
export type EncryptionKey =
  | { readonly provider: 'identity' }
  | { readonly provider: ProviderName; readonly name: string; readonly secret: Buffer };

/** Which resources, and by which keys: the first writes, all read. */
export interface EncryptionRule {
  /** `secrets`, `deployments.apps`, `*.apps`, `*.` (the core group), `*.*`. */
  readonly resources: readonly string[];
  readonly keys: readonly EncryptionKey[];
}

type Loose = Record<string, unknown>;

/** The rules of a file's text, in order: for a resource the first rule that names it holds. */
export function readEncryptionConfiguration(text: string): EncryptionRule[] {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100 });
  } catch {
    // The parser's own message may quote the text, which holds keys.
    throw new EncryptionConfigurationError('the encryption configuration is not valid YAML');
  }
  const configuration = objectAt(value, 'the encryption configuration');
  const { apiVersion, kind } = configuration;
  if (apiVersion !== 'apiserver.config.k8s.io/v1' || kind !== 'EncryptionConfiguration') {
    throw new EncryptionConfigurationError(
      'the encryption configuration must have apiVersion: apiserver.config.k8s.io/v1 and kind: EncryptionConfiguration',
    );
  }
  const rules = listAt(configuration['resources'], 'resources');
  if (rules.length === 0) throw new EncryptionConfigurationError('resources: at least one entry is needed');
  return rules.map((rule, index) => readRule(rule, `resources[${index}]`));
}

function readRule(value: unknown, path: string): EncryptionRule {
  const rule = objectAt(value, path);
  const resources = listAt(rule['resources'], `${path}.resources`).map((name) => {
    if (typeof name !== 'string' || !/^(\*|[a-z][a-z0-9-]*)(\.[a-z0-9.*-]*)?$/.test(name) || name === '*')
      throw new EncryptionConfigurationError(
        `${path}.resources: ${JSON.stringify(name)} is no resource; write secrets, deployments.apps, *.apps, *. or *.*`,
      );
    return name;
  });
  if (resources.length === 0) throw new EncryptionConfigurationError(`${path}.resources: at least one is needed`);
  const providers = listAt(rule['providers'], `${path}.providers`);
  const keys = providers.flatMap((provider, index) => readProvider(provider, `${path}.providers[${index}]`));
  if (keys.length === 0) throw new EncryptionConfigurationError(`${path}.providers: at least one is needed`);
  return { resources, keys };
}

function readProvider(value: unknown, path: string): EncryptionKey[] {
  const provider = objectAt(value, path);
  const [name, ...others] = Object.keys(provider);
  if (name === undefined || others.length > 0)
    throw new EncryptionConfigurationError(`${path}: exactly one provider is named in each entry`);
  if (name === 'identity') return [{ provider: 'identity' }];
  const known = providerNames.find((one) => one === name);
  if (known === undefined) {
    const hint = name === 'kms' ? ' (a key management service cannot be called by this server)' : '';
    throw new EncryptionConfigurationError(
      `${path}: the provider "${name}" is not supported${hint}; use ${providerNames.join(', ')} or identity`,
    );
  }
  const at = `${path}.${known}.keys`;
  const keys = listAt(objectAt(provider[known], `${path}.${known}`)['keys'], at);
  if (keys.length === 0) throw new EncryptionConfigurationError(`${at}: at least one key is needed`);
  const names = new Set<string>();
  return keys.map((key, index) => {
    const read = readKey(known, key, `${at}[${index}]`);
    if (names.has(read.name)) throw new EncryptionConfigurationError(`${at}: two keys are named "${read.name}"`);
    names.add(read.name);
    return read;
  });
}

function readKey(
  provider: ProviderName,
  value: unknown,
  path: string,
): { provider: ProviderName; name: string; secret: Buffer } {
  const { name, secret } = objectAt(value, path);
  if (typeof name !== 'string' || name === '' || name.includes(':'))
    throw new EncryptionConfigurationError(`${path}.name: a name without ":" is needed`);
  if (typeof secret !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(secret.trim()))
    throw new EncryptionConfigurationError(`${path}.secret: base64 text is needed`);
  const bytes = Buffer.from(secret.trim(), 'base64');
  if (!keyLengths[provider].includes(bytes.length)) {
    throw new EncryptionConfigurationError(
      `${path}.secret: ${provider} takes keys of ${keyLengths[provider].join(', ')} bytes, this one has ${bytes.length}`,
    );
  }
  return { provider, name, secret: bytes };
}

function objectAt(value: unknown, path: string): Loose {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Loose;
  throw new EncryptionConfigurationError(`${path}: must be an object`);
}

function listAt(value: unknown, path: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value as unknown[];
  throw new EncryptionConfigurationError(`${path}: must be a list`);
}
