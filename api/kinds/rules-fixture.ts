// For tests of rules: objects as the server has them before they are stored, and what is wrong with them.
import type { KubernetesObject } from '../meta/object-meta.ts';
import { applyDefaults, decode, validateStructure } from '../schema/index.ts';
import { cloneJson } from '../schema/json-value.ts';
import type { ResourceDefinition } from './resource.ts';

/** A draft, decoded, defaulted and prepared as a create does it. */
export function admitted<T extends KubernetesObject>(definition: ResourceDefinition<T>, draft: object): T {
  const object = cloneJson(draft) as T;
  const [mistake] = decode(definition.schema, object);
  if (mistake !== undefined) throw new TypeError(mistake.message);
  applyDefaults(definition.schema, object);
  definition.prepareForCreate?.(object);
  return object;
}

/** What is wrong with a draft, each fault once: `path: sentence`. */
export function faults<T extends KubernetesObject>(definition: ResourceDefinition<T>, draft: object): string[] {
  const object = admitted(definition, draft);
  const structural = validateStructure(definition.schema, object);
  // Rules may rely on the structure, so they are asked only of objects that have it, as the server does.
  const all = structural.length > 0 ? structural : (definition.validate?.(object) ?? []);
  return [...new Set(all.map(({ path, message }) => `${path}: ${message}`))];
}

/** What is wrong with a change of an object. */
export function updateFaults<T extends KubernetesObject>(
  definition: ResourceDefinition<T>,
  draft: object,
  change: (object: T) => void,
): string[] {
  const previous = admitted(definition, draft);
  const next = cloneJson(previous);
  change(next);
  definition.prepareForUpdate?.(next, previous);
  return (definition.validateUpdate?.(next, previous) ?? []).map(({ path, message }) => `${path}: ${message}`);
}
