// Streams of one thing each: a pod, a Deployment, the overview of a cluster.
import { z } from 'zod';
import { deployments, replicaSets, type Deployment, type ReplicaSet } from '../../../api/kinds/apps/index.ts';
import { pods, services, type Pod, type Service } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { clusterId, named } from '../commands/table.ts';
import { deploymentDetail } from '../projections/deployment.ts';
import { overviewOf } from '../projections/overview.ts';
import { serviceAddresses } from '../projections/service-addresses.ts';
import { podDetail } from '../projections/pod-detail.ts';
import { coalesce } from './coalesce.ts';
import { inCluster } from './in-cluster.ts';
import type { StreamTable } from './table.ts';
import { watchInformers, widen } from './watch-informers.ts';

const overviewMs = 400;
const byOwner = 'controller-uid';

export const detailStreams: Pick<StreamTable, 'pod' | 'deployment' | 'deployment.addresses' | 'overview'> = {
  pod: {
    payload: named,
    open: ({ clusterId: id, namespace, name }, emit, context) =>
      inCluster(context, id, emit, ({ informers, signal }, deliver) => {
        const informer = informers.of<Pod>(pods);
        const key = `${namespace}/${name}`;
        const concerns = ({ metadata }: KubernetesObject): boolean =>
          metadata.name === name && metadata.namespace === namespace;
        return watchInformers(context, signal, [{ informer: widen(informer), concerns }], () => {
          const pod = informer.get(key);
          deliver(pod === undefined ? null : podDetail(pod as Pod));
        });
      }),
  },
  deployment: {
    payload: named,
    open: ({ clusterId: id, namespace, name }, emit, context) =>
      inCluster(context, id, emit, ({ informers, signal }, deliver) => {
        const own = informers.of<Deployment>(deployments);
        const sets = informers.of<ReplicaSet>(replicaSets, {
          [byOwner]: ({ metadata }) =>
            (metadata.ownerReferences ?? []).flatMap((one) => (one.controller ? [one.uid] : [])),
        });
        const key = `${namespace}/${name}`;
        const concernsOwn = ({ metadata }: KubernetesObject): boolean =>
          metadata.name === name && metadata.namespace === namespace;
        const concernsSet = ({ metadata }: KubernetesObject): boolean =>
          metadata.namespace === namespace && (metadata.ownerReferences ?? []).some((one) => one.name === name);
        return watchInformers(
          context,
          signal,
          [
            { informer: widen(own), concerns: concernsOwn },
            { informer: widen(sets), concerns: concernsSet },
          ],
          () => {
            const deployment = own.get(key);
            if (deployment === undefined) deliver(null);
            else deliver(deploymentDetail(deployment as Deployment, sets.byIndex(byOwner, deployment.metadata.uid)));
          },
        );
      }),
  },
  'deployment.addresses': {
    payload: named,
    open: ({ clusterId: id, namespace, name }, emit, context) =>
      inCluster(context, id, emit, ({ informers, rows, signal }, deliver) => {
        const own = informers.of<Deployment>(deployments);
        const all = informers.of<Service>(services);
        const isHere = ({ metadata }: KubernetesObject): boolean => metadata.namespace === namespace;
        let last = '';
        const answer = (): void => {
          const deployment = own.get(`${namespace}/${name}`) as Deployment | undefined;
          const labels = deployment?.spec.template.metadata?.labels ?? {};
          const addresses = serviceAddresses(all.list(namespace) as Service[], labels, rows.nodes.values());
          const text = JSON.stringify(addresses);
          if (text !== last) deliver(addresses);
          last = text;
        };
        const sources = [
          { informer: widen(own), concerns: (one: KubernetesObject) => isHere(one) && one.metadata.name === name },
          { informer: widen(all), concerns: isHere },
        ];
        const soon = coalesce(context.clock, overviewMs, answer);
        const stops = [watchInformers(context, signal, sources, answer), rows.nodes.onDidChange(soon.request)];
        return () => {
          for (const stop of stops) stop();
          soon.cancel();
        };
      }),
  },
  overview: {
    payload: z.strictObject({ clusterId }),
    open: ({ clusterId: id }, emit, context) =>
      inCluster(context, id, emit, ({ rows, health }, deliver) => {
        const soon = coalesce(context.clock, overviewMs, () => {
          if (health.now.reachable === undefined) return;
          deliver(
            overviewOf({
              health: health.now,
              nodes: rows.nodes.values(),
              pods: rows.pods.values(),
              deployments: rows.deployments.values(),
              events: rows.events.values(),
              nowMs: context.clock.now(),
            }),
          );
        });
        const stops = [
          rows.nodes.onDidChange(soon.request),
          rows.pods.onDidChange(soon.request),
          rows.deployments.onDidChange(soon.request),
          rows.events.onDidChange(soon.request),
          health.onDidChange(soon.request),
        ];
        soon.request();
        return () => {
          for (const stop of stops) stop();
          soon.cancel();
        };
      }),
  },
};
