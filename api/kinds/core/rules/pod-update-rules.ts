// What may change in a pod after its creation: very little, as the pod already runs by it.
import { forbiddenField, invalidValue, type FieldError } from '../../../schema/field-error.ts';
import { cloneJson, sameJson } from '../../../schema/json-value.ts';
import type { Container } from '../container.ts';
import type { PodSpec } from '../pod-spec.ts';
import type { Pod } from '../pod.ts';
import { validateContainers } from './container-rules.ts';
import { validateResources } from './resource-rules.ts';

const changeable =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Checks an update of a pod itself. */
export function validatePodUpdate(next: Pod, previous: Pod): FieldError[] {
  const after = next.spec;
  const before = previous.spec;
  if (sameJson(after, before)) return [];
  const errors = [
    ...validateSameContainers(after.containers, before.containers, 'containers'),
    ...validateSameContainers(after.initContainers ?? [], before.initContainers ?? [], 'initContainers'),
    ...validateDeadline(after.activeDeadlineSeconds, before.activeDeadlineSeconds),
    ...validateTolerations(after, before),
    ...validateGates(after, before),
  ];
  if (errors.length > 0) return errors;
  const comparable = withUnchangeable(after, before);
  return sameJson(comparable, before)
    ? []
    : [forbiddenField('spec', `${changeable}\n${changedFields(comparable, before)}`)];
}

function validateSameContainers(
  next: readonly Container[],
  previous: readonly Container[],
  field: string,
): FieldError[] {
  if (next.length === previous.length) return [];
  return [forbiddenField(`spec.${field}`, 'pod updates may not add or remove containers')];
}

function validateDeadline(next: number | undefined, previous: number | undefined): FieldError[] {
  const path = 'spec.activeDeadlineSeconds';
  if (previous === undefined || next === previous) return [];
  if (next === undefined)
    return [invalidValue(path, undefined, 'must not update from a positive integer to nil value')];
  return next <= previous ? [] : [invalidValue(path, next, 'must be less than or equal to previous value')];
}

function validateTolerations(next: PodSpec, previous: PodSpec): FieldError[] {
  const kept = (previous.tolerations ?? []).every((old) =>
    (next.tolerations ?? []).some((toleration) =>
      sameJson({ ...toleration, tolerationSeconds: undefined }, { ...old, tolerationSeconds: undefined }),
    ),
  );
  return kept
    ? []
    : [forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

function validateGates(next: PodSpec, previous: PodSpec): FieldError[] {
  const had = new Set((previous.schedulingGates ?? []).map(({ name }) => name));
  const added = (next.schedulingGates ?? []).filter(({ name }) => !had.has(name)).map(({ name }) => name);
  if (added.length === 0) return [];
  return [
    forbiddenField(
      'spec.schedulingGates',
      `only deletion is allowed, but found new scheduling gates: ${added.join(', ')}`,
    ),
  ];
}

/** The new spec with every field that may change set back to the old one's. */
function withUnchangeable(next: PodSpec, previous: PodSpec): PodSpec {
  const result = cloneJson(next);
  const images = (containers: readonly Container[], old: readonly Container[]): Container[] =>
    containers.map((container, index) => ({ ...container, image: old[index]?.image }));
  result.containers = images(next.containers, previous.containers);
  if (next.initContainers !== undefined) {
    result.initContainers = images(next.initContainers, previous.initContainers ?? []);
  }
  const restored: (keyof PodSpec)[] = ['activeDeadlineSeconds', 'tolerations', 'schedulingGates'];
  if ((previous.terminationGracePeriodSeconds ?? 0) < 0 && next.terminationGracePeriodSeconds === 1) {
    restored.push('terminationGracePeriodSeconds');
  }
  // A pod that still waits at a gate may be steered to fewer nodes.
  if ((previous.schedulingGates ?? []).length > 0) restored.push('nodeSelector', 'affinity');
  for (const field of restored) restore(result, previous, field);
  return result;
}

function restore<K extends keyof PodSpec>(to: PodSpec, from: PodSpec, field: K): void {
  if (from[field] === undefined) delete to[field];
  else to[field] = from[field];
}

function changedFields(next: PodSpec, previous: PodSpec): string {
  const keys = new Set([...Object.keys(next), ...Object.keys(previous)]) as Set<keyof PodSpec>;
  return [...keys].filter((key) => !sameJson(next[key], previous[key])).join(', ');
}

/** Checks the ephemeralcontainers subresource: existing ones stay as they are, and nothing else changes. */
export function validateEphemeralContainers(next: Pod, previous: Pod): FieldError[] {
  const path = 'spec.ephemeralContainers';
  const after = next.spec.ephemeralContainers ?? [];
  const changed = (previous.spec.ephemeralContainers ?? []).flatMap((old) => {
    const kept = after.find(({ name }) => name === old.name);
    if (kept === undefined)
      return [forbiddenField(path, `existing ephemeral containers "${old.name}" may not be removed\n`)];
    return sameJson(kept, old)
      ? []
      : [forbiddenField(path, `existing ephemeral containers "${old.name}" may not be changed\n`)];
  });
  return [...changed, ...validateContainers(next.spec, 'spec')];
}

/** Checks the resize subresource: only resources of containers change, and not the pod's quality of service. */
export function validateResize(next: Pod, previous: Pod): FieldError[] {
  const without = (spec: PodSpec): unknown => {
    const copy = cloneJson(spec);
    for (const container of [...copy.containers, ...(copy.initContainers ?? [])]) {
      delete container.resources;
      delete container.resizePolicy;
    }
    return copy;
  };
  const errors = next.spec.containers.flatMap(({ resources }, index) =>
    validateResources(resources, `spec.containers[${index}].resources`),
  );
  if (!sameJson(without(next.spec), without(previous.spec))) {
    errors.push(forbiddenField('spec', 'only cpu and memory resources are mutable'));
  }
  return errors;
}
