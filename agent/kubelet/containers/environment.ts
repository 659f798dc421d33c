// A container's environment from its spec: services, envFrom, env, in upstream's order of precedence. Reads ConfigMaps and
// Secrets through the given look-ups; a missing required one rejects with the sentence for the container's status.
import type { ConfigMap, Container, Pod, Secret } from '../../../api/kinds/core/index.ts';
import { expand } from './expand.ts';
import { podField, resourceField } from './pod-fields.ts';
import type { PodFieldFacts } from './pod-fields.ts';

/** Objects that pods of this node name; undefined when they do not exist. */
export interface ObjectLookUp {
  configMap(namespace: string, name: string): Promise<Readonly<ConfigMap> | undefined>;
  secret(namespace: string, name: string): Promise<Readonly<Secret> | undefined>;
}

/** The pod cannot be started as it is configured; retried, for the missing object may come. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

export interface EnvironmentFacts {
  readonly fields: PodFieldFacts;
  readonly services: Readonly<Record<string, string>>;
  readonly objects: ObjectLookUp;
}

type EnvVar = NonNullable<Container['env']>[number];
type EnvFromSource = NonNullable<Container['envFrom']>[number];

/** Anything printable but "=": upstream no longer asks for what a shell could use. */
const variableName = /^[ -<>-~]+$/;

/** Name → value. */
export async function environmentOf(
  pod: Readonly<Pod>,
  container: Container,
  facts: EnvironmentFacts,
): Promise<Map<string, string>> {
  const result = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    for (const [key, value] of Object.entries(await valuesFrom(pod, source, facts.objects))) {
      const name = `${source.prefix ?? ''}${key}`;
      if (variableName.test(name)) result.set(name, value);
    }
  }
  const lookUp = (name: string): string | undefined => result.get(name) ?? facts.services[name];
  for (const variable of container.env ?? []) {
    const value = await valueOf(pod, container, variable, facts, lookUp);
    if (value !== undefined) result.set(variable.name, value);
  }
  for (const [name, value] of Object.entries(facts.services)) if (!result.has(name)) result.set(name, value);
  return result;
}

async function valuesFrom(
  pod: Readonly<Pod>,
  source: EnvFromSource,
  objects: ObjectLookUp,
): Promise<Record<string, string>> {
  const namespace = pod.metadata.namespace ?? 'default';
  if (source.configMapRef !== undefined) {
    const { name = '', optional } = source.configMapRef;
    const found = await objects.configMap(namespace, name);
    if (found === undefined && optional !== true) throw new ConfigurationError(`configmap "${name}" not found`);
    return { ...found?.data };
  }
  if (source.secretRef !== undefined) {
    const { name = '', optional } = source.secretRef;
    const found = await objects.secret(namespace, name);
    if (found === undefined && optional !== true) throw new ConfigurationError(`secret "${name}" not found`);
    return Object.fromEntries(Object.entries(found?.data ?? {}).map(([key, data]) => [key, decode(data)]));
  }
  return {};
}

async function valueOf(
  pod: Readonly<Pod>,
  container: Container,
  { value, valueFrom }: EnvVar,
  { fields, objects }: EnvironmentFacts,
  lookUp: (name: string) => string | undefined,
): Promise<string | undefined> {
  if (valueFrom === undefined) return expand(value ?? '', lookUp);
  const namespace = pod.metadata.namespace ?? 'default';
  if (valueFrom.fieldRef !== undefined) return podField(pod, valueFrom.fieldRef.fieldPath, fields);
  if (valueFrom.resourceFieldRef !== undefined) {
    const { resource, divisor, containerName } = valueFrom.resourceFieldRef;
    const about = pod.spec.containers.find(({ name }) => name === containerName) ?? container;
    return resourceField(about, resource, divisor === undefined ? undefined : String(divisor), fields);
  }
  if (valueFrom.configMapKeyRef !== undefined) {
    const { name = '', key, optional } = valueFrom.configMapKeyRef;
    const found = await objects.configMap(namespace, name);
    return found?.data?.[key] ?? missing('configmap', namespace, name, key, found !== undefined, optional);
  }
  if (valueFrom.secretKeyRef !== undefined) {
    const { name = '', key, optional } = valueFrom.secretKeyRef;
    const found = await objects.secret(namespace, name);
    const data = found?.data?.[key];
    return data === undefined ? missing('secret', namespace, name, key, found !== undefined, optional) : decode(data);
  }
  throw new ConfigurationError('this source of an environment variable is not supported by this node');
}

function missing(
  kind: 'configmap' | 'secret',
  namespace: string,
  name: string,
  key: string,
  objectExists: boolean,
  optional: boolean | undefined,
): undefined {
  if (optional === true) return undefined;
  const title = kind === 'configmap' ? 'ConfigMap' : 'Secret';
  throw new ConfigurationError(
    objectExists ? `couldn't find key ${key} in ${title} ${namespace}/${name}` : `${kind} "${name}" not found`,
  );
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
