// Environment variables of containers and where their values come from.
import { checkConfigKey, checkEnvName } from '../../../meta/names.ts';
import { invalidValue, notSupported, required, type FieldError } from '../../../schema/field-error.ts';
import type { EnvFromSource, EnvVar } from '../env.ts';
import { checkNoClimbing, checkOneOf, invalidFor } from './checks.ts';

const podFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

const containerResources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

const sources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];

/** Checks single variables. */
export function validateEnv(env: readonly EnvVar[] | undefined, path: string): FieldError[] {
  return (env ?? []).flatMap((variable, index) => {
    const at = `${path}[${index}]`;
    const errors = variable.name === '' ? [] : invalidFor(`${at}.name`, variable.name, checkEnvName(variable.name));
    return variable.valueFrom === undefined ? errors : [...errors, ...validateSource(variable, `${at}.valueFrom`)];
  });
}

function validateSource({ value, valueFrom = {} }: EnvVar, path: string): FieldError[] {
  const errors = checkOneOf(
    path,
    valueFrom,
    sources,
    'one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
  );
  if (value) errors.push(invalidValue(path, '', 'may not be specified when `value` is not empty'));
  const { configMapKeyRef, fieldRef, resourceFieldRef, secretKeyRef } = valueFrom;
  if (fieldRef !== undefined) errors.push(...validateFieldPath(fieldRef.fieldPath, `${path}.fieldRef.fieldPath`));
  if (resourceFieldRef !== undefined && !isContainerResource(resourceFieldRef.resource)) {
    errors.push(notSupported(`${path}.resourceFieldRef.resource`, resourceFieldRef.resource, containerResources));
  }
  for (const [name, reference] of Object.entries({ configMapKeyRef, secretKeyRef })) {
    if (reference === undefined) continue;
    if (!reference.name) errors.push(required(`${path}.${name}.name`));
    if (reference.key) errors.push(...invalidFor(`${path}.${name}.key`, reference.key, checkConfigKey(reference.key)));
  }
  return errors;
}

function isContainerResource(resource: string): boolean {
  return containerResources.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource);
}

/** Checks a path into the pod: one of a few fields, or a single label or annotation. */
export function validateFieldPath(fieldPath: string, path: string, extra: readonly string[] = []): FieldError[] {
  if (/^metadata\.(labels|annotations)\['.+'\]$/.test(fieldPath)) return [];
  const supported = [...podFields, ...extra];
  return supported.includes(fieldPath) ? [] : [notSupported(path, fieldPath, supported)];
}

/** Checks whole ConfigMaps and Secrets as environments. */
export function validateEnvFrom(envFrom: readonly EnvFromSource[] | undefined, path: string): FieldError[] {
  return (envFrom ?? []).flatMap((source, index) => {
    const at = `${path}[${index}]`;
    const errors = checkOneOf(at, source, ['configMapRef', 'secretRef'], 'one of: `configMapRef` or `secretRef`');
    if (source.prefix) errors.push(...invalidFor(`${at}.prefix`, source.prefix, checkEnvName(source.prefix)));
    for (const name of ['configMapRef', 'secretRef'] as const) {
      const reference = source[name];
      if (reference !== undefined && !reference.name) errors.push(required(`${at}.${name}.name`));
      if (reference?.name) errors.push(...checkNoClimbing(`${at}.${name}.name`, reference.name));
    }
    return errors;
  });
}
