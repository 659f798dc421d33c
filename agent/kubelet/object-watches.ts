// The ConfigMaps, Secrets, claims and volumes that this node's pods name: each watched by itself (a node may read no
// others), answered from memory, forgotten when no pod names it any more. Trust bundles are watched all together, by
// nodes whose pods project any.
import type { ClusterTrustBundle } from '../../api/kinds/certificates/index.ts';
import type { ConfigMap, PersistentVolume, PersistentVolumeClaim, Pod, Secret } from '../../api/kinds/core/index.ts';
import type { RuntimeClass } from '../../api/kinds/node/index.ts';
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import type { Clock } from '../../machinery/clock.ts';
import { createInformer } from '../../machinery/informer.ts';
import type { Informer } from '../../machinery/informer.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { ResourceRef, RestClient } from '../../machinery/rest-client.ts';
import type { ClaimLookUp } from '../volumes/persistent.ts';
import type { TrustBundleLookUp } from '../volumes/sources.ts';
import type { ObjectLookUp } from './containers/environment.ts';
import { claims, clusterTrustBundles, configMaps, persistentVolumes, runtimeClasses, secrets } from './resources.ts';

export interface ObjectWatches extends ObjectLookUp, ClaimLookUp, TrustBundleLookUp {
  runtimeClass(name: string): Promise<Readonly<RuntimeClass> | undefined>;
  /** Ends the watches of objects that none of these pods name. */
  keepFor(pods: Iterable<Readonly<Pod>>): void;
}

export interface ObjectWatchesOptions {
  readonly client: RestClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** An object changed; the key is one of `objectsNamedBy`. */
  readonly onChange: (key: string) => void;
}

interface Watch {
  readonly informer: Informer<KubernetesObject>;
  readonly stop: AbortController;
}

export function createObjectWatches({ client, clock, logger, signal, onChange }: ObjectWatchesOptions): ObjectWatches {
  const watches = new Map<string, Watch>();

  const watchOf = <T extends KubernetesObject>(
    key: string,
    resource: ResourceRef<T>,
    namespace: string | undefined,
    name?: string,
  ): Informer<T> => {
    const known = watches.get(key);
    if (known !== undefined) return known.informer as unknown as Informer<T>;
    const one = name === undefined ? {} : { fieldSelector: `metadata.name=${name}` };
    const informer = createInformer({ client, resource, namespace, ...one, clock, logger });
    const stop = new AbortController();
    watches.set(key, { informer: informer as unknown as Informer<KubernetesObject>, stop });
    void informer.whenSynced().then(() => informer.onDidChange(() => onChange(key)));
    void informer.run(AbortSignal.any([signal, stop.signal]));
    return informer;
  };
  const get = async <T extends KubernetesObject>(
    resource: ResourceRef<T>,
    namespace: string | undefined,
    name: string,
  ): Promise<Readonly<T> | undefined> => {
    const informer = watchOf(objectKey(resource.plural, namespace, name), resource, namespace, name);
    await informer.whenSynced(signal);
    return informer.get(namespace === undefined ? name : `${namespace}/${name}`);
  };

  return {
    configMap: (namespace, name): Promise<Readonly<ConfigMap> | undefined> => get(configMaps, namespace, name),
    secret: (namespace, name): Promise<Readonly<Secret> | undefined> => get(secrets, namespace, name),
    claim: (namespace, name): Promise<Readonly<PersistentVolumeClaim> | undefined> => get(claims, namespace, name),
    volume: (name): Promise<Readonly<PersistentVolume> | undefined> => get(persistentVolumes, undefined, name),
    runtimeClass: (name): Promise<Readonly<RuntimeClass> | undefined> => get(runtimeClasses, undefined, name),
    async trustBundles(): Promise<readonly Readonly<ClusterTrustBundle>[]> {
      const informer = watchOf(clusterTrustBundles.plural, clusterTrustBundles, undefined);
      await informer.whenSynced(signal);
      return informer.list();
    },
    keepFor(pods) {
      const named = new Set([...pods].flatMap((pod) => objectsNamedBy(pod)));
      for (const [key, { stop }] of watches) {
        if (named.has(key) || key.startsWith('persistentvolumes/')) continue;
        stop.abort();
        watches.delete(key);
      }
    },
  };
}

function objectKey(plural: string, namespace: string | undefined, name: string): string {
  return namespace === undefined ? `${plural}/${name}` : `${plural}/${namespace}/${name}`;
}

/** Keys of the objects that a pod's spec names. Pure. */
export function objectsNamedBy(pod: Readonly<Pod>): string[] {
  const namespace = pod.metadata.namespace ?? 'default';
  const keys: string[] = [];
  const add = (plural: string, name: string | undefined): void => {
    if (name !== undefined && name !== '') keys.push(objectKey(plural, namespace, name));
  };
  for (const volume of pod.spec.volumes ?? []) {
    add('configmaps', volume.configMap?.name);
    add('secrets', volume.secret?.secretName);
    add('persistentvolumeclaims', volume.persistentVolumeClaim?.claimName);
    for (const source of volume.projected?.sources ?? []) {
      add('configmaps', source.configMap?.name);
      add('secrets', source.secret?.name);
      if (source.clusterTrustBundle !== undefined) keys.push(clusterTrustBundles.plural);
    }
  }
  for (const container of [
    ...(pod.spec.initContainers ?? []),
    ...pod.spec.containers,
    ...(pod.spec.ephemeralContainers ?? []),
  ]) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add('configmaps', configMapRef?.name);
      add('secrets', secretRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      add('configmaps', valueFrom?.configMapKeyRef?.name);
      add('secrets', valueFrom?.secretKeyRef?.name);
    }
  }
  const { runtimeClassName } = pod.spec;
  if (runtimeClassName !== undefined) keys.push(objectKey(runtimeClasses.plural, undefined, runtimeClassName));
  for (const { name } of pod.spec.imagePullSecrets ?? []) add('secrets', name);
  return keys;
}
