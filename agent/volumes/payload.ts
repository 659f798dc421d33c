// Files of a volume as data, before anything is written: path inside the volume → content and mode. Pure. ConfigMaps,
// Secrets, downward API and projected volumes all become payloads.
import { ConfigurationError } from '../kubelet/containers/environment.ts';

export interface PayloadFile {
  readonly data: Buffer;
  readonly mode: number;
}

export type Payload = ReadonlyMap<string, PayloadFile>;

export interface KeyToPath {
  readonly key: string;
  readonly path: string;
  readonly mode?: number;
}

export interface PayloadOptions {
  readonly items?: readonly KeyToPath[];
  readonly defaultMode: number;
  readonly optional?: boolean;
  /** For messages: `configmap "web"`. */
  readonly what: string;
}

/** Chosen keys under chosen paths, or every key under its own name. */
export function payloadOf(
  content: Readonly<Record<string, Buffer>>,
  options: PayloadOptions,
): Map<string, PayloadFile> {
  const { items, defaultMode, optional, what } = options;
  const files = new Map<string, PayloadFile>();
  if (items === undefined || items.length === 0) {
    for (const [key, data] of Object.entries(content)) files.set(key, { data, mode: defaultMode });
    return files;
  }
  for (const { key, path, mode } of items) {
    const data = content[key];
    if (data === undefined) {
      if (optional === true) continue;
      throw new ConfigurationError(`references non-existent ${what} key: ${key}`);
    }
    files.set(checkPath(path), { data, mode: mode ?? defaultMode });
  }
  return files;
}

/** A path that stays inside the volume. Throws otherwise. */
export function checkPath(path: string): string {
  const parts = path.split('/');
  const isInside = path !== '' && !path.startsWith('/') && !parts.includes('..') && !(parts[0] ?? '').startsWith('..');
  if (!isInside) throw new ConfigurationError(`invalid path in volume: ${path}`);
  return path;
}
