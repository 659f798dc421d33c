// APIServices of what this server answers itself, as upstream registers them: always available, made when missing, and
// those of custom resources taken away again with them.
import { apiServices, type APIService } from '../../../api/kinds/apiregistration/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { isStoreError } from '../../store/errors.ts';
import { createUnlessThere } from '../bootstrap/create-unless-there.ts';
import type { ServerParts } from '../parts.ts';
import { storageKey } from '../registry/reader.ts';
import type { ResourceDefinition } from '../served/definition.ts';

export const managedLabel = 'kube-aggregator.kubernetes.io/automanaged';

/** A group version that is answered here. */
export interface LocalApi {
  readonly group: string;
  readonly version: string;
  /** Whether it comes and goes with a CustomResourceDefinition. */
  readonly isCustom: boolean;
}

/** Groups in the order in which clients prefer them; those of upstream have upstream's numbers. */
const groupPriorities: Readonly<Record<string, number>> = {
  '': 18000,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'apiextensions.k8s.io': 16700,
  'admissionregistration.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
  'resource.k8s.io': 15900,
};

export const apiServiceName = ({ group, version }: Pick<LocalApi, 'group' | 'version'>): string =>
  `${version}.${group}`;

/** Creates the APIServices that are missing and removes those of custom resources that are no longer served. */
export async function registerLocalApis(
  parts: ServerParts,
  local: readonly LocalApi[],
  known: readonly Readonly<APIService>[],
): Promise<void> {
  const wanted = new Map(local.map((api) => [apiServiceName(api), api]));
  const present = new Set(known.map(({ metadata }) => metadata.name));
  const missing = [...wanted].filter(([name]) => !present.has(name));
  await Promise.all(missing.map(([name, api]) => create(parts, name, api)));
  const gone = known.filter(
    ({ metadata, spec }) =>
      metadata.labels?.[managedLabel] === 'true' && spec.service === undefined && !wanted.has(metadata.name),
  );
  await Promise.all(gone.map(({ metadata }) => remove(parts, metadata.name)));
}

async function create(parts: ServerParts, name: string, { group, version, isCustom }: LocalApi): Promise<void> {
  const priority = isCustom
    ? { groupPriorityMinimum: 1000, versionPriority: 100 }
    : { groupPriorityMinimum: groupPriorities[group] ?? 1500, versionPriority: version === 'v2' ? 30 : 15 };
  const condition = {
    type: 'Available',
    status: 'True',
    reason: 'Local',
    message: 'Local APIServices are always available',
    lastTransitionTime: formatTime(parts.clock.now()),
  };
  await createUnlessThere(parts, apiServices as ResourceDefinition, '', name, {
    metadata: { labels: { [managedLabel]: isCustom ? 'true' : 'onstart' } },
    spec: { group, version, ...priority },
    status: { conditions: [condition] },
  });
}

async function remove(parts: ServerParts, name: string): Promise<void> {
  try {
    await parts.store.delete(storageKey(apiServices, '', name));
  } catch (error) {
    if (!isStoreError(error, 'NotFound') && !isStoreError(error, 'Conflict')) throw error;
  }
}
