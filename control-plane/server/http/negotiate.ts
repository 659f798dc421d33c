// Chooses the form of an answer from the Accept header: encoding, and whether as a Table or as metadata alone. Pure.
import { notAcceptable } from '../../../api/meta/status.ts';

const protobufType = 'application/vnd.kubernetes.protobuf';

/** What an object or list is turned into before it is sent. */
export type Projection = 'none' | 'table' | 'metadata';

/** The agreed form of an answer. */
export interface Negotiated {
  readonly encoding: 'json' | 'yaml' | 'protobuf';
  readonly projection: Projection;
  readonly pretty: boolean;
  /** The content type of a whole answer. */
  readonly contentType: string;
}

const plainJson: Negotiated = { encoding: 'json', projection: 'none', pretty: false, contentType: 'application/json' };
const remembered = new Map<string, Negotiated>([
  ['', plainJson],
  ['*/*', plainJson],
  ['application/json', plainJson],
]);
const maxRemembered = 200;

/** Reads an Accept header; 406 when nothing in it can be served. `isWatch` keeps YAML out: it has no framing. */
export function negotiate(accept: string | undefined, isWatch = false): Negotiated {
  const key = `${accept ?? ''}${isWatch ? '#' : ''}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const chosen = choose(accept ?? '', isWatch);
  if (chosen === undefined) {
    throw notAcceptable(
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    );
  }
  if (remembered.size < maxRemembered) remembered.set(key, chosen);
  return chosen;
}

function choose(accept: string, isWatch: boolean): Negotiated | undefined {
  const clauses = accept.split(',').map(parseClause);
  clauses.sort((a, b) => b.quality - a.quality);
  for (const { type, parameters } of clauses) {
    const encoding = type === 'application/yaml' || type === 'text/yaml' ? 'yaml' : isJson(type) ? 'json' : undefined;
    if (encoding === undefined || (encoding === 'yaml' && isWatch)) continue;
    const projection = projectionOf(parameters);
    if (projection === undefined) continue;
    const pretty = parameters.get('pretty') === '1' || parameters.get('pretty') === 'true';
    return { encoding, projection, pretty, contentType: `application/${encoding}` };
  }
  // Stored bytes are JSON, so protobuf is answered only to those who take nothing else.
  const isProtobuf = clauses.some(
    ({ type, parameters }) => type === protobufType && projectionOf(parameters) === 'none',
  );
  const contentType = isWatch ? `${protobufType};stream=watch` : protobufType;
  return isProtobuf ? { encoding: 'protobuf', projection: 'none', pretty: false, contentType } : undefined;
}

function isJson(type: string): boolean {
  return type === 'application/json' || type === 'application/*' || type === '*/*' || type === '';
}

function projectionOf(parameters: ReadonlyMap<string, string>): Projection | undefined {
  const as = parameters.get('as');
  if (as === undefined) return 'none';
  if (parameters.get('g') !== 'meta.k8s.io' || !['v1', 'v1beta1'].includes(parameters.get('v') ?? '')) return undefined;
  if (as === 'Table') return 'table';
  return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList' ? 'metadata' : undefined;
}

interface Clause {
  readonly type: string;
  readonly quality: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/** One clause of an Accept header: type, q and the other parameters. */
export function parseClause(text: string): Clause {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals > 0) parameters.set(part.slice(0, equals).toLowerCase(), part.slice(equals + 1).replace(/^"|"$/g, ''));
  }
  const quality = Number(parameters.get('q') ?? 1);
  return { type: type.toLowerCase(), quality: Number.isNaN(quality) ? 0 : quality, parameters };
}
