// Empties namespaces that were deleted and lets go of them when nothing is left inside.
import type { Namespace } from '../../../api/kinds/core/index.ts';
import type { ControllerContext } from '../context.ts';
import { namespaces, pods } from '../../../api/kinds/core/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { discoverResources } from '../../../machinery/discovery.ts';
import { requestJson } from '../../../machinery/request.ts';
import { isSame } from '../same.ts';
import { emptyNamespace } from './content.ts';
import { planNamespaceConditions } from './plan.ts';

const finalizer = 'kubernetes';

/** Runs until the context's signal aborts. */
export function runNamespaceController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const namespaceInformer = informers.of(namespaces);
  const podInformer = informers.of(pods);
  const api = client.resource(namespaces);
  const isLeaving = (name: string): boolean => namespaceInformer.get(name)?.metadata.deletionTimestamp !== undefined;

  const finalize = async (namespace: Readonly<Namespace>): Promise<void> => {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((one) => one !== finalizer);
    const body = { ...namespace, apiVersion: 'v1', kind: 'Namespace', spec: { ...namespace.spec, finalizers } };
    await requestJson(client.request, {
      method: 'PUT',
      path: `/api/v1/namespaces/${namespace.metadata.name}/finalize`,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
  };

  return runController({
    name: 'namespace',
    sources: [
      watchFor(namespaceInformer),
      // The last pod to go lets the rest of a leaving namespace go at once.
      watchFor(podInformer, ({ metadata: { namespace = '' } }, { current }) =>
        current === undefined && isLeaving(namespace) ? [namespace] : [],
      ),
    ],
    workers: 10,
    clock,
    logger,
    signal,
    async reconcile(name) {
      const namespace = namespaceInformer.get(name);
      if (namespace?.metadata.deletionTimestamp === undefined) return;
      if (!namespace.spec?.finalizers?.includes(finalizer)) return;
      try {
        const { resources, failures } = await discoverResources(client, signal);
        const remaining = await emptyNamespace(client, name, resources, signal);
        const conditions = planNamespaceConditions(
          namespace,
          remaining,
          failures.map(({ groupVersion }) => groupVersion),
          clock.now(),
        );
        const status = { ...namespace.status, phase: 'Terminating' as const, conditions };
        const current = isSame(status, namespace.status)
          ? namespace
          : await api.updateStatus({ ...namespace, status }, { signal });
        if (remaining.objects.size > 0 || remaining.failures.length > 0 || failures.length > 0)
          return { requeueAfterMs: 2_000 };
        await finalize(current);
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
    },
  });
}
