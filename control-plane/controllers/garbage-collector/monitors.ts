// Watches every resource that can be deleted, for its metadata alone, and follows the server when resources come and go
// (custom resource definitions, aggregated servers). Informers that other controllers share already are used, not doubled.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { DiscoveredResource } from '../../../machinery/discovery.ts';
import type { Change } from '../../../machinery/informer.ts';
import type { ControllerContext } from '../context.ts';
import { customResourceDefinitions } from '../../../api/kinds/apiextensions/index.ts';
import { apiServices } from '../../../api/kinds/apiregistration/index.ts';
import { createBackoff } from '../../../machinery/backoff.ts';
import { discoverResources } from '../../../machinery/discovery.ts';
import { createInformer } from '../../../machinery/informer.ts';

export type ObserveChange = (resource: DiscoveredResource, change: Change<KubernetesObject>) => void;

export interface Monitors {
  /** The resource of a kind, if the server serves it. */
  find(apiVersion: string, kind: string): DiscoveredResource | undefined;
  run(observe: ObserveChange, signal: AbortSignal): Promise<void>;
}

const settleMs = 500;

/** Monitors that start with `run`. */
export function createMonitors(context: ControllerContext): Monitors {
  const { client, informers, clock, logger } = context;
  const known = new Map<string, DiscoveredResource>();
  const running = new Map<string, () => void>();
  const idOf = ({ group, version, plural }: DiscoveredResource): string => `${group}/${version}/${plural}`;
  const canWatch = ({ verbs, plural }: DiscoveredResource): boolean =>
    ['list', 'watch', 'delete'].every((verb) => verbs.includes(verb)) && plural !== 'events';

  const start = (resource: DiscoveredResource, observe: ObserveChange, signal: AbortSignal): (() => void) => {
    const shared = informers.find(resource);
    if (shared?.resource.version === resource.version) return shared.onDidChange((change) => observe(resource, change));
    const ending = new AbortController();
    const own = createInformer<KubernetesObject>({ client, resource, transform: metadataOnly, clock, logger });
    const stop = own.onDidChange((change) => observe(resource, change));
    void own.run(AbortSignal.any([signal, ending.signal]));
    return () => {
      stop();
      ending.abort();
      for (const previous of own.list()) observe(resource, { key: '', previous });
    };
  };
  const refresh = async (observe: ObserveChange, signal: AbortSignal): Promise<boolean> => {
    const { resources, failures } = await discoverResources(client, signal);
    const served = new Map(resources.map((resource) => [idOf(resource), resource]));
    for (const [id, stop] of running) {
      const { group, version } = known.get(id) ?? {};
      const isUnsure = failures.some(({ groupVersion }) => groupVersion === (group ? `${group}/${version}` : version));
      if (served.has(id) || isUnsure) continue;
      stop();
      running.delete(id);
      known.delete(id);
    }
    for (const [id, resource] of served) {
      known.set(id, resource);
      if (canWatch(resource) && !running.has(id)) running.set(id, start(resource, observe, signal));
    }
    return failures.length === 0;
  };

  return {
    find(apiVersion, kind) {
      for (const resource of known.values()) {
        const { group, version } = resource;
        if (resource.kind === kind && (group ? `${group}/${version}` : version) === apiVersion) return resource;
      }
      // Another version of the kind's group names the same objects.
      const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
      return [...known.values()].find((resource) => resource.kind === kind && resource.group === group);
    },
    async run(observe, signal) {
      let wake = (): void => undefined;
      let isStale = true;
      const notice = (): void => {
        isStale = true;
        wake();
      };
      const stops = [
        informers.of(customResourceDefinitions).onDidChange(notice),
        informers.of(apiServices).onDidChange(notice),
      ];
      const backoff = createBackoff({ initialMs: 500, maxMs: 30_000 });
      while (!signal.aborted) {
        if (isStale) {
          isStale = false;
          const isComplete = await refresh(observe, signal).catch((err: unknown) => {
            if (!signal.aborted) logger.warn({ err }, 'discovering resources failed; trying again');
            return false;
          });
          if (isComplete) backoff.reset();
          else isStale = true;
        }
        const changed = new Promise<void>((resolve) => (wake = resolve));
        if (isStale) await clock.sleep(backoff.nextMs(), signal);
        else {
          await Promise.race([changed, clock.sleep(300_000, signal)]);
          await clock.sleep(settleMs, signal);
        }
      }
      for (const stop of stops) stop();
    },
  };
}

function metadataOnly(object: KubernetesObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, ownerReferences, finalizers } =
    object.metadata;
  const metadata = {
    name,
    namespace,
    uid,
    resourceVersion,
    creationTimestamp,
    deletionTimestamp,
    ownerReferences,
    finalizers,
  };
  return { apiVersion: object.apiVersion, kind: object.kind, metadata };
}
