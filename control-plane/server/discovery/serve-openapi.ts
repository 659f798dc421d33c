// /openapi/v2 and /openapi/v3: documents made from the served resources when first asked for, kept compressed until
// those change.
import { createHash } from 'node:crypto';
import { gunzip, gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { openApiV2, openApiV3 } from '../../../api/schema/openapi/index.ts';
import { notAcceptable } from '../../../api/meta/status.ts';
import { fillCustomSchemas } from '../crd/custom-openapi.ts';
import type { Aggregator } from '../aggregation/aggregator.ts';
import { mergeRemoteDocuments } from '../aggregation/merge-openapi.ts';
import { encodeOpenApiV2, openApiProtobufTypes } from './encode-openapi.ts';
import type { Exchange } from '../http/exchange.ts';
import { parseClause } from '../http/negotiate.ts';
import type { ServedResources } from '../served/served-resources.ts';
import { versionDocument } from '../version.ts';

/** Answers OpenAPI paths. */
export interface OpenApi {
  /** Whether the path was one of these and has been answered. */
  serve(exchange: Exchange, segments: readonly string[]): Promise<boolean>;
}

interface Document {
  readonly compressed: Buffer;
  readonly etag: string;
}

const compress = promisify(gzip);
const expand = promisify(gunzip);
const { gitVersion } = versionDocument;

/** Serves the documents of what is served. */
export function createOpenApi(
  served: ServedResources,
  aggregator: Pick<Aggregator, 'remotes' | 'generation' | 'client'>,
): OpenApi {
  let generation = -1;
  let documents = new Map<string, Promise<Document>>();

  const documentOf = (key: string, make: () => object | Promise<object>): Promise<Document> => {
    const now = served.generation + aggregator.generation;
    if (generation !== now) {
      generation = now;
      documents = new Map();
    }
    let document = documents.get(key);
    if (document === undefined) documents.set(key, (document = Promise.resolve(make()).then(encode)));
    return document;
  };

  const withCustom = (document: object, dialect: 2 | 3): object => {
    fillCustomSchemas(document, served.all(), dialect);
    return document;
  };

  const index = (): object => {
    const names = new Map<string, string[]>();
    for (const { group, version, kind } of served.all()) {
      const path = group === '' ? `api/${version}` : `apis/${group}/${version}`;
      names.set(path, [...(names.get(path) ?? []), kind]);
    }
    for (const { group, version, resources } of aggregator.remotes())
      names.set(
        `apis/${group}/${version}`,
        resources.map(({ kind }) => kind),
      );
    const entries = [...names].map(([path, kinds]) => [
      path,
      { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(kinds)}` },
    ]);
    return { paths: Object.fromEntries(entries) };
  };

  /** Changes with the program, with the kinds of the group version, and with every change of custom resources. */
  const hashOf = (kinds: readonly string[]): string =>
    createHash('sha256')
      .update(`${gitVersion} ${served.generation} ${kinds.join()}`)
      .digest('hex')
      .slice(0, 32)
      .toUpperCase();

  const answer = async (exchange: Exchange, document: Document, type = 'application/json'): Promise<boolean> => {
    exchange.response.setHeader('etag', document.etag);
    exchange.response.setHeader('vary', 'Accept, Accept-Encoding');
    if (exchange.headers['if-none-match'] === document.etag) exchange.send(304, type, []);
    else if (/\bgzip\b/.test(exchange.headers['accept-encoding'] ?? '')) {
      exchange.response.setHeader('content-encoding', 'gzip');
      exchange.send(200, type, document.compressed);
    } else exchange.send(200, type, await expand(document.compressed));
    return true;
  };

  return {
    async serve(exchange, segments) {
      const [root, dialect, first, group, version] = segments;
      if (root !== 'openapi') return false;
      if (dialect === 'v2' && segments.length === 2) {
        const make = (): Promise<object> =>
          mergeRemoteDocuments(withCustom(openApiV2(served.all(), { gitVersion }), 2), aggregator);
        const type = protobufTypeOf(exchange);
        if (type === undefined) {
          demandJson(exchange);
          return answer(exchange, await documentOf('v2', make));
        }
        const bytes = async (): Promise<Buffer> => encodeOpenApiV2(await make());
        return answer(exchange, await documentOf('v2 protobuf', bytes), type);
      }
      if (dialect !== 'v3') return false;
      if (segments.length === 2) return answer(exchange, await documentOf('v3', index));
      const wanted =
        first === 'api' ? { group: '', version: group ?? '' } : { group: group ?? '', version: version ?? '' };
      if (segments.length !== (first === 'api' ? 4 : 5)) return false;
      if (
        !served.all().some((definition) => definition.group === wanted.group && definition.version === wanted.version)
      )
        return false;
      demandJson(exchange);
      return answer(
        exchange,
        await documentOf(segments.join('/'), () => withCustom(openApiV3(served.all(), wanted, { gitVersion }), 3)),
      );
    },
  };
}

/**
 * The protobuf type to answer with, if the client prefers that to JSON, which is whatever it names first. Always the
 * registered spelling, as upstream does: strict parsers of media types refuse the older one.
 */
function protobufTypeOf(exchange: Exchange): string | undefined {
  const accepted = (exchange.headers.accept ?? '').split(',').map(parseClause);
  const [first] = accepted.toSorted((a, b) => b.quality - a.quality);
  return openApiProtobufTypes.includes(first?.type ?? '') ? openApiProtobufTypes[0] : undefined;
}

async function encode(document: object): Promise<Document> {
  const text = Buffer.isBuffer(document) ? document : JSON.stringify(document);
  const etag = `"${createHash('sha256').update(text).digest('hex').toUpperCase()}"`;
  return { compressed: await compress(text, { level: 3 }), etag };
}

function demandJson(exchange: Exchange): void {
  const accepted = (exchange.headers.accept ?? '*/*').split(',').map((text) => parseClause(text).type);
  if (!accepted.some((type) => ['', '*/*', 'application/*', 'application/json'].includes(type)))
    throw notAcceptable('OpenAPI documents are served as application/json');
}
