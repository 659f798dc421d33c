// One variable of a container: its value, or where it comes from. What Secrets hold is never sent.
import type { ContainerView } from '../../../api/console/index.ts';
import type { EnvVar } from '../../../api/kinds/core/index.ts';

/** A variable as pages show it. */
export function environmentOf({ name, value, valueFrom }: EnvVar): ContainerView['environment'][number] {
  if (valueFrom?.secretKeyRef)
    return { name, from: `Secret ${valueFrom.secretKeyRef.name} · ${valueFrom.secretKeyRef.key}` };
  if (valueFrom?.configMapKeyRef) {
    return { name, from: `ConfigMap ${valueFrom.configMapKeyRef.name} · ${valueFrom.configMapKeyRef.key}` };
  }
  if (valueFrom?.fieldRef) return { name, from: valueFrom.fieldRef.fieldPath };
  if (valueFrom?.resourceFieldRef) return { name, from: valueFrom.resourceFieldRef.resource };
  return { name, value: value ?? '' };
}
