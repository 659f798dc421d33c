// An open connection to one cluster: its client, informers, rows and health, for as long as the console runs.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { Clock } from '../../../machinery/clock.ts';
import { createInformerFactory, type InformerFactory } from '../../../machinery/informer.ts';
import type { ClusterAccess } from '../../../machinery/kubeconfig.ts';
import type { Logger } from '../../../machinery/logger.ts';
import { createRestClient, type RestClient } from '../../../machinery/rest-client.ts';
import { tracedTransport } from '../../../machinery/trace.ts';
import { createHttpsTransport } from '../../../machinery/transport/https.ts';
import { createClusterRows, type ClusterRows } from './cluster-rows.ts';
import { createHealthProbe, type HealthProbe } from './health.ts';

export interface ClusterSession {
  readonly client: RestClient;
  readonly informers: InformerFactory;
  readonly rows: ClusterRows;
  readonly health: HealthProbe;
  /** The only namespace that may be listed, once that is known. */
  readonly limitedTo: string | undefined;
  /** Aborts when the session closes. */
  readonly signal: AbortSignal;
  close(): void;
}

function withoutManagedFields(object: KubernetesObject): KubernetesObject {
  delete object.metadata.managedFields;
  return object;
}

/** Connects to a cluster; errors of the connection show in its health. */
export function createClusterSession(access: ClusterAccess, clock: Clock, logger: Logger): ClusterSession {
  const ending = new AbortController();
  const client = createRestClient({
    transport: tracedTransport(createHttpsTransport(access, { logger })),
    userAgent: 'pilothouse-console',
  });
  const informers = createInformerFactory(client, { clock, logger, transform: withoutManagedFields });
  const health = createHealthProbe(client, clock);
  const failed = (err: unknown): void => logger.error({ err }, 'a loop of a cluster session ended');
  informers.run(ending.signal).catch(failed);
  health.run(ending.signal).catch(failed);
  let limitedTo: string | undefined;
  const { namespace } = access;
  const onLimited = (only: string): void => void (limitedTo = only);
  return {
    client,
    informers,
    rows: createClusterRows({
      client,
      informers,
      clock,
      signal: ending.signal,
      transform: withoutManagedFields,
      namespace,
      onLimited,
    }),
    health,
    get limitedTo() {
      return limitedTo;
    },
    signal: ending.signal,
    close() {
      ending.abort();
      client.close();
    },
  };
}
