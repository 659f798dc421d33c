// OpenAPI v2 of other servers beside our own: their paths, and the definitions that we do not have.
import type { Aggregator } from './aggregator.ts';
import { identityHeaders } from './front-proxy.ts';

const patienceMs = 5_000;

interface Swagger {
  readonly paths?: Record<string, unknown>;
  readonly definitions?: Record<string, unknown>;
}

/** Our document with those of the remotes that answer; one that does not is left out. */
export async function mergeRemoteDocuments(
  document: object,
  { remotes, client }: Pick<Aggregator, 'remotes' | 'client'>,
): Promise<object> {
  const available = remotes().filter(({ isAvailable }) => isAvailable);
  const headers = identityHeaders({ username: 'system:aggregator', groups: ['system:masters'] });
  const fetched = await Promise.all(
    available.map(async (one) => {
      const found = client.fetch(one.service, '/openapi/v2', headers, AbortSignal.timeout(patienceMs));
      return { one, swagger: (await found.catch(() => undefined)) as Swagger | undefined };
    }),
  );
  let merged = document as Swagger;
  for (const { one, swagger } of fetched) {
    const prefix = `/apis/${one.group}/${one.version}/`;
    const paths = Object.entries(swagger?.paths ?? {}).filter(([path]) => `${path}/`.startsWith(prefix));
    merged = {
      ...merged,
      paths: { ...merged.paths, ...Object.fromEntries(paths) },
      definitions: { ...swagger?.definitions, ...merged.definitions },
    };
  }
  return merged;
}
