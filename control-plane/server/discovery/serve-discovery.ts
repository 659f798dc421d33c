// Routes of discovery. Documents are encoded once per change of the served resources.
import { createHash } from 'node:crypto';
import type { Exchange } from '../http/exchange.ts';
import { parseClause } from '../http/negotiate.ts';
import type { ServedResources } from '../served/served-resources.ts';
import {
  type GroupMember,
  aggregatedDocument,
  apiGroupDocument,
  apiGroupListDocument,
  apiResourceListDocument,
  apiVersionsDocument,
} from './discovery.ts';

/** Answers discovery paths. */
export interface Discovery {
  /** Whether the path was discovery's and has been answered. */
  serve(exchange: Exchange, segments: readonly string[]): boolean;
}

interface Encoded {
  readonly body: Buffer;
  readonly etag: string;
}

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Serves `/api`, `/apis` and below. */
export function createDiscovery(
  served: ServedResources,
  address: () => string,
  extensions: readonly GroupMember[] = [],
): Discovery {
  const members = (): readonly GroupMember[] => [...served.all(), ...extensions];
  const isExtension = (group: string, version: string): boolean =>
    extensions.some((one) => one.group === group && one.version === version);
  let generation = -1;
  let documents = new Map<string, Encoded | undefined>();

  const encoded = (key: string, make: () => object | undefined): Encoded | undefined => {
    if (generation !== served.generation) {
      generation = served.generation;
      documents = new Map();
    }
    let document = documents.get(key);
    if (document === undefined) {
      const value = make();
      if (value === undefined) return undefined;
      const body = Buffer.from(JSON.stringify(value));
      document = { body, etag: createHash('sha512').update(body).digest('hex').toUpperCase() };
      documents.set(key, document);
    }
    return document;
  };

  const answer = (exchange: Exchange, contentType: string, document: Encoded | undefined): boolean => {
    if (document === undefined) return false;
    const { response } = exchange;
    response.setHeader('vary', 'Accept');
    if (contentType === aggregatedType) {
      response.setHeader('etag', `"${document.etag}"`);
      if (exchange.headers['if-none-match'] === `"${document.etag}"`) {
        exchange.send(304, contentType, []);
        return true;
      }
    }
    exchange.send(200, contentType, document.body);
    return true;
  };

  return {
    serve(exchange, segments) {
      const [root = '', first = '', second = ''] = segments;
      if (segments.length === 1 && wantsAggregated(exchange.headers.accept)) {
        return answer(
          exchange,
          aggregatedType,
          encoded(`aggregated ${root}`, () => aggregatedDocument(served.all(), root === 'api')),
        );
      }
      return answer(
        exchange,
        'application/json',
        encoded(segments.join('/'), () => {
          if (root === 'api')
            return segments.length === 1
              ? apiVersionsDocument(address())
              : apiResourceListDocument(served.all(), '', first);
          if (segments.length === 1) return apiGroupListDocument(members());
          return segments.length === 2
            ? apiGroupDocument(members(), first)
            : (apiResourceListDocument(served.all(), first, second) ??
                (isExtension(first, second) ? emptyResourceList(first, second) : undefined));
        }),
      );
    },
  };
}

function emptyResourceList(group: string, version: string): object {
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/${version}`, resources: [] };
}

function wantsAggregated(accept: string | undefined): boolean {
  if (accept === undefined || !accept.includes('APIGroupDiscoveryList')) return false;
  return accept.split(',').some((text) => {
    const { type, parameters } = parseClause(text);
    return (
      type === 'application/json' && parameters.get('as') === 'APIGroupDiscoveryList' && parameters.get('v') === 'v2'
    );
  });
}
