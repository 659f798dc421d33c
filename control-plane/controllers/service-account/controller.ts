// Every namespace that is not going away has a ServiceAccount named default.
import type { ControllerContext } from '../context.ts';
import { namespaces, serviceAccounts } from '../../../api/kinds/core/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';

/** Runs until the context's signal aborts. */
export function runServiceAccountController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const namespaceInformer = informers.of(namespaces);
  const accountInformer = informers.of(serviceAccounts);
  return runController({
    name: 'serviceaccount',
    sources: [
      watchFor(namespaceInformer),
      watchFor(accountInformer, ({ metadata: { name, namespace } }) =>
        name === 'default' && namespace ? [namespace] : [],
      ),
    ],
    workers: 2,
    clock,
    logger,
    signal,
    async reconcile(name) {
      const namespace = namespaceInformer.get(name);
      if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return;
      if (namespace.status?.phase === 'Terminating' || accountInformer.get(`${name}/default`)) return;
      await client
        .resource(serviceAccounts, name)
        .create({ metadata: { name: 'default', namespace: name } }, { signal })
        .catch((error: unknown) => {
          if (!isApiError(error, 'AlreadyExists')) throw error;
        });
    },
  });
}
