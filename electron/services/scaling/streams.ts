// The autoscaler of a workload, live.
import { z } from 'zod';
import { horizontalPodAutoscalers, type HorizontalPodAutoscaler } from '../../../api/kinds/autoscaling/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { clusterId } from '../commands/table.ts';
import { inCluster } from '../streams/in-cluster.ts';
import type { StreamTable } from '../streams/table.ts';
import { watchInformers, widen } from '../streams/watch-informers.ts';
import { autoscalerView, isAbout } from './autoscaler.ts';
import { scaledWorkload } from './commands.ts';

export const scalingStreams: Pick<StreamTable, 'autoscaler'> = {
  autoscaler: {
    payload: z.strictObject({ clusterId, workload: scaledWorkload }),
    open: ({ clusterId: id, workload }, emit, context) =>
      inCluster(context, id, emit, ({ informers, signal }, deliver) => {
        const informer = informers.of<HorizontalPodAutoscaler>(horizontalPodAutoscalers);
        const concerns = ({ metadata }: KubernetesObject): boolean => metadata.namespace === workload.namespace;
        return watchInformers(context, signal, [{ informer: widen(informer), concerns }], () => {
          const found = informer.list(workload.namespace).find((one) => isAbout(one, workload));
          deliver(found === undefined ? null : autoscalerView(found));
        });
      }),
  },
};
