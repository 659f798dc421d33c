// Services and the EndpointSlices that belong to them, by the label that joins them.
import type { Service } from '../../api/kinds/core/index.ts';
import type { EndpointSlice } from '../../api/kinds/discovery/index.ts';
import type { Informer } from '../../machinery/informer.ts';

const serviceNameLabel = 'kubernetes.io/service-name';
const indexName = 'service';

export interface ServiceInformers {
  readonly services: Informer<Service>;
  readonly endpointSlices: Informer<EndpointSlice>;
}

/** The key ("namespace/name") of the Service a slice belongs to, if any. */
function serviceKeyOf({ metadata }: Readonly<EndpointSlice>): string | undefined {
  const name = metadata.labels?.[serviceNameLabel];
  return name ? `${metadata.namespace}/${name}` : undefined;
}

/** Makes slices findable by their Service; several parts may ask for it. Answers the finding. */
export function indexSlices(
  endpointSlices: Informer<EndpointSlice>,
): (serviceKey: string) => Readonly<EndpointSlice>[] {
  endpointSlices.addIndexes({ [indexName]: (slice) => [serviceKeyOf(slice) ?? ''] });
  return (serviceKey) => endpointSlices.byIndex(indexName, serviceKey);
}

/** Calls `add` with the key of every Service that changes, by itself or by its slices. Answers the unsubscribing. */
export function onDidChangeServices(informers: ServiceInformers, add: (serviceKey: string) => void): () => void {
  const stops = [
    informers.services.onDidChange(({ key }) => add(key)),
    informers.endpointSlices.onDidChange(({ current, previous }) => {
      for (const slice of [previous, current]) {
        const key = slice && serviceKeyOf(slice);
        if (key !== undefined) add(key);
      }
    }),
  ];
  return () => stops.forEach((stop) => stop());
}
