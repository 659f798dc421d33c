// Reads a Kubernetes request path by hand: what is asked of which resource. Pure; knows no catalogue.
// Legacy `/watch/` paths are understood; encoded slashes inside a segment are refused rather than reinterpreted.

/** The verbs authorization speaks of. Other requests carry their lower-case HTTP method. */
export type ResourceVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** A request for something under `/api/v1` or `/apis/group/version`. */
export interface ResourceRequestInfo {
  readonly isResource: true;
  readonly verb: ResourceVerb;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  /** For proxy subresources: what follows `/proxy`, still percent-encoded, beginning with a slash; else empty. */
  readonly rest: string;
}

/** A request for anything else: health, discovery, metrics. */
export interface NonResourceRequestInfo {
  readonly isResource: false;
  readonly verb: string;
  readonly path: string;
}

export type RequestInfo = ResourceRequestInfo | NonResourceRequestInfo;

const verbs: Readonly<Record<string, readonly [named: ResourceVerb, unnamed: ResourceVerb]>> = {
  GET: ['get', 'list'],
  HEAD: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
};

/** Thrown for a path that no server should try to understand. */
export class MalformedPathError extends Error {}

/** Splits and decodes; refuses dot segments, empty segments, encoded slashes and bad escapes. */
export function splitPath(path: string): string[] {
  const raw = path.split('/');
  raw.shift();
  if (raw.at(-1) === '') raw.pop();
  return raw.map((segment) => {
    const text = segment.includes('%') ? decodeSegment(segment) : segment;
    if (text === '' || text === '.' || text === '..' || text.includes('/') || text.includes('\0')) {
      throw new MalformedPathError(`the path ${JSON.stringify(path)} holds an empty, dotted or encoded segment`);
    }
    return text;
  });
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new MalformedPathError(`the path segment ${JSON.stringify(segment)} is not valid percent-encoding`, {
      cause,
    });
  }
}

/** Parses method and path (without query). `isWatch` is whether the query asks for a watch. */
export function parseRequestInfo(method: string, path: string, isWatch: boolean): RequestInfo {
  const proxyAt = path.indexOf('/proxy/');
  const head = proxyAt === -1 ? path : path.slice(0, proxyAt + '/proxy'.length);
  const info = parseResource(method, head, isWatch);
  if (info === undefined) return { isResource: false, verb: method.toLowerCase(), path };
  if (proxyAt === -1) return info;
  if (info.subresource === 'proxy') return { ...info, rest: path.slice(head.length) };
  return parseResource(method, path, isWatch) ?? { isResource: false, verb: method.toLowerCase(), path };
}

function parseResource(method: string, path: string, isWatch: boolean): ResourceRequestInfo | undefined {
  const isCore = path.startsWith('/api/');
  if (!isCore && !path.startsWith('/apis/')) return undefined;
  const segments = splitPath(path);
  const group = isCore ? '' : (segments[1] ?? '');
  const version = segments[isCore ? 1 : 2] ?? '';
  let rest = segments.slice(isCore ? 2 : 3);
  if (rest.length === 0) return undefined;
  const legacyWatch = rest[0] === 'watch' && rest.length > 1;
  if (legacyWatch) rest = rest.slice(1);
  let namespace = '';
  if (rest[0] === 'namespaces' && rest.length > 1) {
    const isNamespaceItself =
      rest.length === 2 || (rest.length === 3 && (rest[2] === 'status' || rest[2] === 'finalize'));
    namespace = rest[1] ?? '';
    if (!isNamespaceItself) rest = rest.slice(2);
  }
  const [resource = '', name = '', subresource = '', ...beyond] = rest;
  const pair = verbs[method];
  const named = name !== '';
  const watching = legacyWatch || (isWatch && !named && (method === 'GET' || method === 'HEAD'));
  const verb = watching ? 'watch' : pair === undefined ? 'get' : pair[named ? 0 : 1];
  const tail = beyond.length === 0 ? '' : `/${beyond.join('/')}`;
  return { isResource: true, verb, group, version, namespace, resource, name, subresource, rest: tail };
}
