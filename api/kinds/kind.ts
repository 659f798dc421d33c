// Declares top-level kinds: objects with apiVersion, kind and metadata.
import type { Draft, KubernetesObject } from '../meta/object-meta.ts';
import type { Definition, Fields, ObjectOf, Schema } from '../schema/schema.ts';
import { define, string, type ObjectOptions } from '../schema/vocabulary.ts';
import { objectMeta } from './meta/object-meta.ts';

/** Declares a kind with the given fields beside its type and metadata. */
export function kind<F extends Fields>(
  name: string,
  fields: F,
  options: ObjectOptions<KubernetesObject & ObjectOf<F>> = {},
): Definition<KubernetesObject & ObjectOf<F>> {
  const whole: Fields = { apiVersion: string, kind: string, metadata: objectMeta, ...fields };
  return define(name, whole, options as ObjectOptions<object>) as unknown as Definition<KubernetesObject & ObjectOf<F>>;
}

/** A kind inside another object, as a client drafts it: without the metadata that only the server gives. */
export function draft<T extends KubernetesObject>(definition: {
  new (): T;
  readonly schema: Schema;
}): Schema<Draft<T>> {
  return definition.schema as Schema<Draft<T>>;
}
