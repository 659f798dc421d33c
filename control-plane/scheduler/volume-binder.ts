// Gives a placed pod its volumes before it is bound: reserves the present volume that was found for the node, or asks for
// a new one there, and waits until every claim has its volume.
import { persistentVolumeClaims, persistentVolumes } from '../../api/kinds/core/index.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/kinds/core/index.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Informer } from '../../machinery/informer.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { claimsOf, findVolume, isBound } from './snapshot/claims.ts';
import type { VolumeLookup } from './snapshot/claims.ts';
import type { NodeInfo } from './snapshot/node-info.ts';

const patienceMs = 600_000;
const selectedNode = 'volume.kubernetes.io/selected-node';

export interface VolumeBinder {
  /** Resolves when all claims of the pod are bound; rejects when that takes ten minutes or the node is given up. */
  prepare(pod: Readonly<Pod>, node: NodeInfo): Promise<void>;
}

interface VolumeBinderOptions {
  readonly client: RestClient;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly lookup: VolumeLookup;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function createVolumeBinder({ client, claims, lookup, clock, signal }: VolumeBinderOptions): VolumeBinder {
  const reserve = async (claim: Readonly<PersistentVolumeClaim>, volume: Readonly<PersistentVolume>): Promise<void> => {
    const { name, namespace, uid, resourceVersion } = claim.metadata;
    const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion };
    const metadata = {
      resourceVersion: volume.metadata.resourceVersion,
      annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' },
    };
    const body = { metadata, spec: { claimRef } };
    await client.resource(persistentVolumes).patch(volume.metadata.name, { type: 'merge', body }, { signal });
  };

  const askFor = async (claim: Readonly<PersistentVolumeClaim>, node: NodeInfo): Promise<void> => {
    const { name, namespace, resourceVersion } = claim.metadata;
    const body = { metadata: { resourceVersion, annotations: { [selectedNode]: node.name } } };
    await client.resource(persistentVolumeClaims, namespace).patch(name, { type: 'merge', body }, { signal });
  };

  const untilBound = async (keys: readonly string[], node: NodeInfo): Promise<void> => {
    const changed = Promise.withResolvers<void>();
    const check = (): void => {
      const present = keys.map((key) => claims.get(key));
      if (present.every((claim) => claim && isBound(claim))) changed.resolve();
      // A provisioner that cannot serve the node takes the annotation away, and the pod is placed anew.
      const rejected = present.find((claim) => claim && !isBound(claim) && isGivenUp(claim, node));
      if (rejected)
        changed.reject(new Error(`no volume can be made for claim ${rejected.metadata.name} on ${node.name}`));
    };
    const stop = claims.onDidChange(check);
    const cancel = clock.setTimeout(
      () => changed.reject(new Error('timed out waiting for the volumes to be bound')),
      patienceMs,
    );
    const abort = (): void => changed.reject(new Error('stopping'));
    signal.addEventListener('abort', abort, { once: true });
    try {
      check();
      await changed.promise;
    } finally {
      stop();
      cancel();
      signal.removeEventListener('abort', abort);
    }
  };

  return {
    async prepare(pod, node) {
      const keys = claimsOf(pod).map(({ name }) => `${pod.metadata.namespace ?? ''}/${name}`);
      if (keys.length === 0) return;
      for (const key of keys) {
        const claim = claims.get(key);
        if (!claim) throw new Error(`claim ${key} is gone`);
        if (isBound(claim)) continue;
        const volume = findVolume(claim, node, lookup);
        if (volume?.spec?.claimRef) continue; // kept for this claim already
        await (volume ? reserve(claim, volume) : askFor(claim, node));
      }
      await untilBound(keys, node);
    },
  };
}

/** Only a claim seen with another node, after ours was written, has been given up. */
function isGivenUp(claim: Readonly<PersistentVolumeClaim>, node: NodeInfo): boolean {
  const selected = claim.metadata.annotations?.[selectedNode];
  return selected !== undefined && selected !== node.name;
}
