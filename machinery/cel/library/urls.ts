// URLs, and the search in texts by regular expression.
import { CelError } from '../budget.ts';
import { constant, matching, scan } from '../cost-models.ts';
import { fn, method, type Library } from '../overload.ts';
import { findAllRegex } from '../regex.ts';
import { bool, int, list, map, opaque, text } from '../types.ts';
import { ArrayList, EntryMap, Opaque, type Value } from '../values.ts';

export const urlType = opaque('kubernetes.URL');

/** A URL in its parts, as Go's net/url splits it: an absolute URL or an absolute path. */
export class UrlValue extends Opaque {
  readonly type = urlType;
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  constructor(value: string, parts: { scheme: string; host: string; path: string; query: string }) {
    super();
    this.text = value;
    this.scheme = parts.scheme;
    this.host = parts.host;
    this.path = parts.path;
    this.query = parts.query;
  }
  equals(other: Opaque): boolean {
    return other instanceof UrlValue && other.text === this.text;
  }
  get hostname(): string {
    return /^\[(.*)\](?::\d*)?$/.exec(this.host)?.[1] ?? this.host.replace(/:\d*$/, '');
  }
  get port(): string {
    return /:(\d*)$/.exec(this.host.replace(/^\[.*\]/, ''))?.[1] ?? '';
  }
}

/** Reads what Go's ParseRequestURI accepts; undefined for anything else. */
export function parseUrl(value: string): UrlValue | undefined {
  if (value === '' || /[\u0000-\u001f\u007f]/.test(value)) return undefined;
  const [whole = ''] = value.split('#');
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?]*))?([^?]*)(?:\?(.*))?$/s.exec(whole);
  if (match === null) return undefined;
  const [, scheme = '', authority, path = '', query = ''] = match;
  if (scheme === '' && !whole.startsWith('/')) return undefined;
  if (scheme === '' && authority !== undefined && !whole.startsWith('///')) {
    // `//host/path` is a path without a scheme.
    return new UrlValue(value, { scheme: '', host: authority, path, query });
  }
  const host = (authority ?? '').replace(/^[^@]*@/, '');
  if (!isHost(host)) return undefined;
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return undefined;
  return new UrlValue(value, {
    scheme: scheme.toLowerCase(),
    host,
    path: authority === undefined && !path.startsWith('/') ? '' : path,
    query,
  });
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return /^\[[0-9A-Fa-f:.]+(?:%25[^\]]*)?\](?::\d*)?$/.test(host);
  return /^[^\s:<>"\\^`{|}[\]]*(?::\d*)?$/.test(host);
}

function urlOf(value: string): UrlValue {
  const url = parseUrl(value);
  if (url === undefined)
    throw new CelError(
      `URL parse error during conversion from string: parse ${JSON.stringify(value)}: invalid URI for request`,
    );
  return url;
}

function escapedPath({ path }: UrlValue): string {
  return path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]+/gu, (found) => encodeURIComponent(found));
}

function queryOf({ query }: UrlValue): EntryMap {
  const found = new Map<string, Value[]>();
  for (const [key, value] of new URLSearchParams(query)) found.set(key, [...(found.get(key) ?? []), value]);
  return new EntryMap([...found].map(([key, values]) => [key, new ArrayList(values)] as const));
}

function find(value: string, pattern: string, limit: number): string[] {
  try {
    return findAllRegex(value, pattern, limit);
  } catch (cause) {
    throw new CelError(`Illegal regex: ${(cause as Error).message}`);
  }
}

const finding = matching(0, 1, 'parts');

/** Functions of URLs, `find` and `findAll`. */
export const urls: Library = [
  fn('url', 'string_to_url', [text], urlType, urlOf, scan(0, { makesText: true })),
  fn('isURL', 'is_url_string', [text], bool, (value: string) => parseUrl(value) !== undefined, scan(0)),
  method('getScheme', 'url_get_scheme', [urlType], text, ({ scheme }: UrlValue) => scheme, constant(1)),
  method('getHost', 'url_get_host', [urlType], text, ({ host }: UrlValue) => host, constant(1)),
  method('getHostname', 'url_get_hostname', [urlType], text, (url: UrlValue) => url.hostname, constant(1)),
  method('getPort', 'url_get_port', [urlType], text, (url: UrlValue) => url.port, constant(1)),
  method('getEscapedPath', 'url_get_escaped_path', [urlType], text, escapedPath, constant(1)),
  method('getQuery', 'url_get_query', [urlType], map(text, list(text)), queryOf, constant(1)),
  method(
    'find',
    'string_find_string',
    [text, text],
    text,
    (value: string, pattern: string) => find(value, pattern, 1)[0] ?? '',
    finding,
  ),
  method(
    'findAll',
    'string_find_all_string',
    [text, text],
    list(text),
    (value: string, pattern: string) => new ArrayList(find(value, pattern, Infinity)),
    finding,
  ),
  method(
    'findAll',
    'string_find_all_string_int',
    [text, text, int],
    list(text),
    (value: string, pattern: string, limit: bigint) =>
      new ArrayList(find(value, pattern, limit < 0n ? Infinity : Number(limit))),
    finding,
  ),
];
