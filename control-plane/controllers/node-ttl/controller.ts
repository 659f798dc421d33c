// Annotates nodes with how long their agents may trust cached Secrets and ConfigMaps.
import type { ControllerContext } from '../context.ts';
import { nodes } from '../../../api/kinds/core/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { nextTtlStep, ttlAnnotation, ttlSecondsOf } from './plan.ts';

/** Runs until the context's signal aborts. */
export function runNodeTtlController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const nodeInformer = informers.of(nodes);
  let step = 0;
  return runController({
    name: 'node-ttl',
    sources: [
      watchFor(nodeInformer, (node, { current, previous }) => {
        if (current && previous) return [node.metadata.name];
        const before = step;
        step = nextTtlStep(step, nodeInformer.size);
        return before === step ? [node.metadata.name] : nodeInformer.list().map(({ metadata }) => metadata.name);
      }),
    ],
    workers: 2,
    clock,
    logger,
    signal,
    async reconcile(name) {
      const node = nodeInformer.get(name);
      const wanted = String(ttlSecondsOf(step));
      if (node === undefined || node.metadata.annotations?.[ttlAnnotation] === wanted) return;
      const body = { metadata: { uid: node.metadata.uid, annotations: { [ttlAnnotation]: wanted } } };
      await client
        .resource(nodes)
        .patch(name, { type: 'merge', body }, { signal })
        .catch((error: unknown) => {
          if (!isApiError(error, 'NotFound')) throw error;
        });
    },
  });
}
