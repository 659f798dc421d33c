// Every namespace has a ConfigMap kube-root-ca.crt, by which pods verify the API server.
import type { ControllerContext } from '../context.ts';
import { configMaps, namespaces } from '../../../api/kinds/core/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { createInformer } from '../../../machinery/informer.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { isSame } from '../same.ts';

const name = 'kube-root-ca.crt';
/** How soon a rotated authority reaches every namespace. */
const lookMs = 60_000;
const annotations = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
};

/** Runs until the context's signal aborts; does nothing without a root CA. */
export async function runRootCaController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const { settings } = context;
  if (settings.rootCa === undefined) return;
  const namespaceInformer = informers.of(namespaces);
  // Only the maps of this name are kept, not every ConfigMap of the cluster.
  const mapInformer = createInformer({
    client,
    resource: configMaps,
    fieldSelector: `metadata.name=${name}`,
    clock,
    logger,
  });
  const running = mapInformer.run(signal);
  await runController({
    name: 'root-ca',
    sources: [
      watchFor(namespaceInformer),
      watchFor(mapInformer, ({ metadata }) => (metadata.namespace ? [metadata.namespace] : [])),
    ],
    workers: 2,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const namespace = namespaceInformer.get(key);
      if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return;
      if (namespace.status?.phase === 'Terminating') return;
      // Read anew every time: while one authority takes over from another it is a bundle of both.
      const data = { 'ca.crt': settings.rootCa ?? '' };
      const api = client.resource(configMaps, key);
      const present = mapInformer.get(`${key}/${name}`);
      if (present === undefined) {
        await api
          .create({ metadata: { name, namespace: key, annotations }, data }, { signal })
          .catch((error: unknown) => {
            if (!isApiError(error, 'AlreadyExists')) throw error;
          });
      } else if (!isSame(present.data, data)) {
        await api.update({ ...present, data }, { signal });
      }
      return { requeueAfterMs: lookMs };
    },
  });
  await running;
}
