// Routes of discovery. Documents are encoded once per change of the served resources.
import { createHash } from 'node:crypto';
import type { Exchange } from '../http/exchange.ts';
import { parseClause } from '../http/negotiate.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import type { ServedResources } from '../served/served-resources.ts';
import {
  type GroupMember,
  type ListedVersion,
  aggregatedDocument,
  apiGroupDocument,
  apiGroupListDocument,
  apiResourceListDocument,
  apiVersionsDocument,
  listedDocument,
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

/** Group versions beside the served resources, and when they change. */
export interface ListedVersions {
  all(): readonly ListedVersion[];
  readonly generation: number;
}

/** Serves `/api`, `/apis` and below. A listed version hides served resources of the same name. */
export function createDiscovery(served: ServedResources, address: () => string, others: ListedVersions): Discovery {
  const own = (): readonly ResourceDefinition[] => {
    const hidden = new Set(others.all().map(({ group, version }) => `${group}/${version}`));
    return hidden.size === 0
      ? served.all()
      : served.all().filter(({ group, version }) => !hidden.has(`${group}/${version}`));
  };
  const members = (): readonly GroupMember[] => [...own(), ...others.all()];
  const listedOf = (group: string, version: string): ListedVersion | undefined =>
    others.all().find((one) => one.group === group && one.version === version);
  let generation = -1;
  let documents = new Map<string, Encoded | undefined>();

  const encoded = (key: string, make: () => object | undefined): Encoded | undefined => {
    const now = served.generation + others.generation;
    if (generation !== now) {
      generation = now;
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
          encoded(`aggregated ${root}`, () => aggregatedDocument(own(), root === 'api', others.all())),
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
          if (segments.length === 2) return apiGroupDocument(members(), first);
          const listed = listedOf(first, second);
          return listed === undefined ? apiResourceListDocument(own(), first, second) : listedDocument(listed);
        }),
      );
    },
  };
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
