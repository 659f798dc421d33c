// One object of any kind, followed: its present state, then every change, `undefined` once it is gone.
// Guarantees: a watch that ends is opened again after a fresh read; failures are told once and tried again.
import { isApiError } from '../../../api/meta/status.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { ConsoleError } from '../../../api/console/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { ResourceRef, RestClient } from '../../../machinery/rest-client.ts';
import { toConsoleError } from '../errors.ts';

const retryMs = 2000;

export interface ObjectListener {
  onObject(object: KubernetesObject | undefined): void;
  onError(error: ConsoleError): void;
}

/** Follows until the signal aborts; never rejects. */
export async function watchObject(
  client: RestClient,
  resource: ResourceRef<KubernetesObject>,
  namespace: string | undefined,
  name: string,
  { onObject, onError }: ObjectListener,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const objects = client.resource(resource, namespace);
  while (!signal.aborted) {
    try {
      const fieldSelector = `metadata.name=${name}`;
      const list = await objects.list({ fieldSelector, signal });
      onObject(list.items[0]);
      const { resourceVersion } = list.metadata;
      for await (const { type, object } of objects.watch({ fieldSelector, resourceVersion, signal })) {
        if (type !== 'BOOKMARK') onObject(type === 'DELETED' ? undefined : object);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isApiError(error, 'Expired')) continue;
      onError(toConsoleError(error));
      await clock.sleep(retryMs, signal);
    }
  }
}
