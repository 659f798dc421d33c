// Secrets as the console may show them unasked: every value replaced by its length in words, also where a tool has
// written the whole object into an annotation. Pure.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** What stands for a value: not base64, so that it can never be applied as one. */
export const maskedValue = '<hidden>';

function masked(values: Readonly<Record<string, unknown>> | undefined): Record<string, string> | undefined {
  return values && Object.fromEntries(Object.keys(values).map((key) => [key, maskedValue]));
}

/** The object without secrets; anything but a Secret is returned as it is. */
export function maskSecret(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return object;
  const { data, stringData } = object as { data?: Record<string, string>; stringData?: Record<string, string> };
  const annotations = object.metadata.annotations && { ...object.metadata.annotations };
  if (annotations && lastApplied in annotations) annotations[lastApplied] = maskedValue;
  return {
    ...object,
    metadata: { ...object.metadata, annotations },
    ...(data && { data: masked(data) }),
    ...(stringData && { stringData: masked(stringData) }),
  } as KubernetesObject;
}

/** Whether an edited document still carries the mask, which must never become a value. */
export function carriesMask(object: unknown): boolean {
  const { kind, data, stringData } = (object ?? {}) as { kind?: string; data?: object; stringData?: object };
  return kind === 'Secret' && [...Object.values(data ?? {}), ...Object.values(stringData ?? {})].includes(maskedValue);
}
