// Counts what each namespace takes of its ResourceQuotas. Admission refuses what would go beyond; this counts again,
// so that what was deleted, or finished, becomes free.
import type { ResourceQuota } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { Informer } from '../../../machinery/informer.ts';
import type { ControllerContext } from '../context.ts';
import type { Usage } from './usage.ts';
import { catalogue } from '../../../api/kinds/catalogue.ts';
import { resourceQuotas } from '../../../api/kinds/core/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { canonicalQuantity } from '../../../api/meta/quantity.ts';
import { createTrigger, runController, watchFor } from '../../../machinery/controller.ts';
import { isSame } from '../same.ts';
import { createCharges } from './charges.ts';
import { addUsage, countsFor, usageOf } from './usage.ts';

const recountMs = 300_000;

/** The resource that a name in `hard` is about. */
export function resourceOfQuotaName(name: string): { group: string; plural: string } {
  const object = /^count\/([^.]+)(?:\.(.+))?$/.exec(name);
  if (object) return { group: object[2] ?? '', plural: object[1] ?? '' };
  if (name.startsWith('services.')) return { group: '', plural: 'services' };
  if (name === 'requests.storage' || name.includes('.storageclass.storage.k8s.io/'))
    return { group: '', plural: 'persistentvolumeclaims' };
  const isCounted = [
    'services',
    'secrets',
    'configmaps',
    'replicationcontrollers',
    'resourcequotas',
    'persistentvolumeclaims',
  ].includes(name);
  return { group: '', plural: isCounted ? name : 'pods' };
}

function usedOf({ status }: Readonly<ResourceQuota>): Usage {
  return Object.fromEntries(
    Object.entries(status?.used ?? {}).map(([name, amount]) => [name, canonicalQuantity(amount)]),
  );
}

/** Runs until the context's signal aborts. */
export function runResourceQuotaController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const quotaInformer = informers.of(resourceQuotas);
  const trigger = createTrigger();
  const watched = new Set<string>();
  const charges = createCharges(clock);
  const ownWrites = new Map<string, string>();

  /** The informer of a resource that a quota names; from then on its changes count again. */
  const informerOf = (resource: { group: string; plural: string }): Informer<KubernetesObject> | undefined => {
    const definition = catalogue.find(({ group, plural }) => group === resource.group && plural === resource.plural);
    if (definition === undefined || !definition.namespaced || !definition.verbs.includes('watch')) return undefined;
    const informer = informers.of<KubernetesObject>(definition);
    const id = `${resource.group}/${resource.plural}`;
    if (!watched.has(id)) {
      watched.add(id);
      const stop = informer.onDidChange(({ current, previous }) => {
        if (current && previous && isSame(usageOf(resource, current), usageOf(resource, previous))) return;
        const { namespace } = (current ?? previous)?.metadata ?? {};
        // A short pause gathers the many changes of one deletion or rollout into one count.
        for (const quota of quotaInformer.list(namespace)) trigger.enqueue(keyOf(quota), 200);
      });
      signal.addEventListener('abort', stop, { once: true });
    }
    return informer;
  };
  const count = async (quota: Readonly<ResourceQuota>): Promise<Usage> => {
    const names = Object.keys(quota.spec?.hard ?? {});
    const resources = new Map(
      names.map((name) => [JSON.stringify(resourceOfQuotaName(name)), resourceOfQuotaName(name)]),
    );
    let total: Usage = {};
    for (const resource of resources.values()) {
      const informer = informerOf(resource);
      await informer?.whenSynced(signal);
      for (const object of informer?.list(quota.metadata.namespace) ?? []) {
        if (countsFor(quota, resource, object)) total = addUsage(total, usageOf(resource, object));
      }
    }
    return Object.fromEntries(names.map((name) => [name, total[name] ?? '0']));
  };

  return runController({
    name: 'resourcequota',
    sources: [
      watchFor(quotaInformer, (quota, { key, current, previous }) => {
        const isCharge =
          current && previous && quota === current && ownWrites.get(key) !== current.metadata.resourceVersion;
        if (isCharge) charges.note(key, usedOf(previous), usedOf(current));
        return [key];
      }),
      trigger,
    ],
    workers: 4,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const quota = quotaInformer.get(key);
      if (quota === undefined || quota.metadata.deletionTimestamp !== undefined) {
        charges.forget(key);
        ownWrites.delete(key);
        return;
      }
      const hard = Object.fromEntries(
        Object.entries(quota.spec?.hard ?? {}).map(([name, amount]) => [name, canonicalQuantity(amount)]),
      );
      const { used, againAfterMs } = charges.settle(key, await count(quota), usedOf(quota));
      const status = { hard, used };
      if (!isSame(status, quota.status)) {
        const api = client.resource(resourceQuotas, quota.metadata.namespace);
        const written = await api.updateStatus({ ...quota, status }, { signal });
        ownWrites.set(key, written.metadata.resourceVersion);
      }
      return { requeueAfterMs: againAfterMs ?? recountMs };
    },
  });
}
