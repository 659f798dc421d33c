// Whether the servers behind APIServices answer: looked at when one changes and again and again, told in the condition
// Available, and remembered with the resources that they serve, for discovery.
import { apiServices, type APIService } from '../../../api/kinds/apiregistration/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { Store } from '../../store/contract.ts';
import { isStoreError } from '../../store/errors.ts';
import type { ApiResource } from '../discovery/discovery.ts';
import { storageKey } from '../registry/reader.ts';
import { identityHeaders } from './front-proxy.ts';
import { ServiceProblem } from './locate-service.ts';
import type { RemoteClient } from './remote-client.ts';

const checkTimeoutMs = 5_000;

/** What a look at a server found. */
export interface Availability {
  readonly isAvailable: boolean;
  readonly reason: string;
  readonly message: string;
  /** What it serves; absent when it did not answer. */
  readonly resources?: readonly ApiResource[];
}

const aggregatorUser = { username: 'system:kube-aggregator', groups: ['system:masters'] };

/** Asks the server of an APIService for its discovery document, as upstream's aggregator does. */
export async function checkAvailability(client: RemoteClient, service: Readonly<APIService>): Promise<Availability> {
  const { group = '', version = '' } = service.spec;
  const path = `/apis/${group}/${version}`;
  try {
    const headers = identityHeaders(aggregatorUser);
    const document = await client.fetch(service, path, headers, AbortSignal.timeout(checkTimeoutMs));
    const { resources } = document as { resources?: unknown };
    if (!Array.isArray(resources)) throw new Error('the answer is no APIResourceList');
    return {
      isAvailable: true,
      reason: 'Passed',
      message: 'all checks passed',
      resources: resources.filter(isResource),
    };
  } catch (error) {
    if (error instanceof ServiceProblem) return { isAvailable: false, reason: error.reason, message: error.message };
    const { name, namespace, port = 443 } = service.spec.service ?? {};
    const why = error instanceof Error ? error.message : String(error);
    const message = `failing or missing response from https://${name}.${namespace}.svc:${port}${path}: ${why}`;
    return { isAvailable: false, reason: 'FailedDiscoveryCheck', message };
  }
}

function isResource(value: unknown): value is ApiResource {
  const { name, kind, verbs } = (value ?? {}) as Partial<ApiResource>;
  return typeof name === 'string' && typeof kind === 'string' && Array.isArray(verbs);
}

/** Writes the condition where it differs; several servers may do so, and agree. */
export async function writeAvailability(
  { store, clock, logger }: { readonly store: Store; readonly clock: Clock; readonly logger: Logger },
  name: string,
  { isAvailable, reason, message }: Availability,
): Promise<void> {
  const stored = await store.get(storageKey(apiServices, '', name));
  if (stored === undefined) return;
  const next = stored.parse() as unknown as APIService;
  const conditions = next.status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === 'Available');
  const status = isAvailable ? 'True' : 'False';
  if (before?.status === status && before.reason === reason && before.message === message) return;
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : formatTime(clock.now());
  const condition = { type: 'Available', status, reason, message, lastTransitionTime };
  next.status = { ...next.status, conditions: [...conditions.filter(({ type }) => type !== 'Available'), condition] };
  try {
    await store.update(stored.key, next, stored.revision);
    if (before !== undefined && before.status !== status) logger.info({ apiService: name, status, reason }, message);
  } catch (error) {
    if (!isStoreError(error, 'Conflict') && !isStoreError(error, 'NotFound')) throw error;
  }
}
