// Which credentials of a pod's pull secrets serve an image's registry. Pure.
import type { Secret } from '../../../api/kinds/core/index.ts';
import type { RegistryCredentials } from '../../runtime/container-runtime.ts';

interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

const defaultRegistry = 'docker.io';
const defaultRegistryAliases = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/** The registry's host (and port) in an image reference. */
export function registryOf(reference: string): string {
  const slash = reference.indexOf('/');
  const first = slash < 0 ? '' : reference.slice(0, slash);
  return first.includes('.') || first.includes(':') || first === 'localhost' ? first : defaultRegistry;
}

/**
 * All credentials that may serve, those of the narrowest address first. An address may name a path, and have `*` in each
 * part of its host, as upstream has it: `*.example.com/team`.
 */
export function credentialsFor(reference: string, secrets: readonly Readonly<Secret>[]): RegistryCredentials[] {
  return secrets
    .flatMap(entriesOf)
    .filter(([address]) => serves(address, reference))
    .sort(([a], [b]) => b.length - a.length)
    .map(([address, entry]) => credentialsOf(address, entry));
}

function serves(address: string, reference: string): boolean {
  const registry = registryOf(reference);
  const [host = '', ...path] = address.replace(/^https?:\/\//, '').split('/');
  const isApi = path.length === 0 || /^(v[12]\/?)?$/.test(path.join('/'));
  const repository = reference.startsWith(`${registry}/`) ? reference.slice(registry.length + 1) : reference;
  if (!isApi && !`${repository}/`.startsWith(`${path.filter(Boolean).join('/')}`)) return false;
  if (registry === defaultRegistry) return defaultRegistryAliases.includes(host);
  const pattern = host
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^.:]*')
    .replaceAll('?', '[^.:]');
  return new RegExp(`^${pattern}$`).test(registry);
}

function entriesOf(secret: Readonly<Secret>): [string, AuthEntry][] {
  const modern = secret.data?.['.dockerconfigjson'];
  const legacy = secret.data?.['.dockercfg'];
  try {
    if (modern !== undefined) {
      const config = JSON.parse(Buffer.from(modern, 'base64').toString()) as { auths?: Record<string, AuthEntry> };
      return Object.entries(config.auths ?? {});
    }
    if (legacy === undefined) return [];
    return Object.entries(JSON.parse(Buffer.from(legacy, 'base64').toString()) as Record<string, AuthEntry>);
  } catch {
    return []; // A secret that is no Docker config gives no credentials; the registry's refusal then says so.
  }
}

function credentialsOf(serverAddress: string, entry: AuthEntry): RegistryCredentials {
  if (entry.identitytoken !== undefined) return { identityToken: entry.identitytoken, serverAddress };
  const decoded = entry.auth === undefined ? '' : Buffer.from(entry.auth, 'base64').toString();
  const colon = decoded.indexOf(':');
  return {
    username: entry.username ?? decoded.slice(0, Math.max(colon, 0)),
    password: entry.password ?? decoded.slice(colon + 1),
    serverAddress,
  };
}
