// Built-in kinds that are served in more versions than they are stored in.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { convertEventToCore, convertEventToEvents } from './convert-event.ts';
import { convertAutoscalerToV1, convertAutoscalerToV2 } from './convert-autoscaler.ts';
import type { ResourceDefinition } from './definition.ts';
import type { Conversion } from './version-view.ts';

const conversions: Readonly<Record<string, Conversion>> = {
  'events.k8s.io/v1/events': { storedApiVersion: 'v1', toServed: convertEventToEvents, toStored: convertEventToCore },
  'autoscaling/v1/horizontalpodautoscalers': {
    storedApiVersion: 'autoscaling/v2',
    toServed: convertAutoscalerToV1,
    toStored: convertAutoscalerToV2,
  },
};

/** The conversion of a served resource; undefined for those stored as they are served. */
export function conversionOf(definition: ResourceDefinition): Conversion | undefined {
  const built = conversions[`${definition.group}/${definition.version}/${definition.plural}`];
  return built ?? (definition as { readonly conversion?: Conversion }).conversion;
}

/** A conversion between versions that differ in nothing but their name. */
export function renamingConversion(storedApiVersion: string, servedApiVersion: string): Conversion {
  const rename =
    (apiVersion: string) =>
    (object: KubernetesObject): KubernetesObject => {
      object.apiVersion = apiVersion;
      return object;
    };
  return { storedApiVersion, toServed: rename(servedApiVersion), toStored: rename(storedApiVersion) };
}
