// The words of which declarations in `api/kinds` are made. See schema.ts for what they mean at run time.
import {
  node,
  schemaOf,
  type Defaults,
  type Definition,
  type Fields,
  type ObjectOf,
  type PatchStrategy,
  type PresentField,
  type Schema,
  type SchemaLike,
  type Static,
  type Union,
} from './schema.ts';

export const string: Schema<string> = node({ type: 'string' });
export const boolean: Schema<boolean> = node({ type: 'boolean' });
export const int32: Schema<number> = node({ type: 'integer', format: 'int32' });
export const int64: Schema<number> = node({ type: 'integer', format: 'int64' });
export const double: Schema<number> = node({ type: 'number', format: 'double' });
/** Base64 text of bytes. */
export const bytes: Schema<string> = node({ type: 'bytes', format: 'byte' });
/** The same, replaced as a whole; upstream marks one such field. */
export const atomicBytes: Schema<string> = { ...bytes, listType: 'atomic' };
/** An amount such as `500m` or `2Gi`; always a string once it passed the server. */
export const quantity: Schema<string> = node({
  type: 'quantity',
  name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
});
/** RFC 3339 with seconds. */
export const time: Schema<string> = node({ type: 'time', name: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time' });
/** RFC 3339 with microseconds. */
export const microTime: Schema<string> = node({
  type: 'microTime',
  name: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
});
/** A number, or a name or percentage. */
export const intOrString: Schema<number | string> = node({
  type: 'intOrString',
  name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
});
/** An object of any kind. */
export const rawExtension: Schema<unknown> = node({
  type: 'json',
  name: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
});

/** One of the given words. */
export function oneOf<const V extends readonly string[]>(...values: V): Schema<V[number]> {
  return node({ type: 'string', values });
}

/** A field that validation demands. */
export function required<S extends SchemaLike>(field: S): PresentField<S> {
  return { field, demanded: true };
}

/** A field that the server always returns though a client may leave it out. */
export function present<S extends SchemaLike>(field: S): PresentField<S> {
  return { field, demanded: false };
}

/** A field with a default that OpenAPI publishes. */
export function defaulted<S extends SchemaLike>(field: S, initial: Static<S>): Schema<Static<S>> {
  return { ...(schemaOf(field) as Schema<Static<S>>), initial };
}

/** How a keyed list merges where it is not simply by its keys. */
export interface KeyedOptions {
  /** The key of strategic merge; the first list key when left out, none when null. */
  readonly mergeKey?: string | null;
  readonly strategy?: PatchStrategy;
}

/** A list without declared merge behaviour: patches replace it, server-side apply takes it as one value. */
export function list<S extends SchemaLike>(items: S): Schema<Static<S>[]> {
  return node({ type: 'list', items: schemaOf(items) });
}

/** A list that is declared to be one value. */
export function atomicList<S extends SchemaLike>(items: S): Schema<Static<S>[]> {
  return node({ type: 'list', items: schemaOf(items), listType: 'atomic' });
}

/** A set of scalars; `merge` lets strategic merge patches add to it. */
export function setOf<S extends SchemaLike>(items: S, options: { strategy?: PatchStrategy } = {}): Schema<Static<S>[]> {
  return node({ type: 'list', items: schemaOf(items), listType: 'set', strategy: options.strategy });
}

/** A list of objects told apart by some of their fields. */
export function keyedList<S extends SchemaLike>(
  items: S,
  keys: string | readonly string[],
  options: KeyedOptions = {},
): Schema<Static<S>[]> {
  const listKeys = typeof keys === 'string' ? [keys] : keys;
  const mergeKey = options.mergeKey === null ? undefined : (options.mergeKey ?? listKeys[0]);
  const strategy = options.strategy ?? (mergeKey === undefined ? undefined : 'merge');
  return node({ type: 'list', items: schemaOf(items), listType: 'map', listKeys, mergeKey, strategy });
}

/** A list that only strategic merge patches tell apart by a key. */
export function mergedList<S extends SchemaLike>(
  items: S,
  mergeKey?: string,
  options: { atomic?: boolean } = {},
): Schema<Static<S>[]> {
  const listType = options.atomic ? 'atomic' : undefined;
  return node({ type: 'list', items: schemaOf(items), mergeKey, strategy: 'merge', listType });
}

/** A map from any string. */
export function map<S extends SchemaLike>(
  items: S,
  mapType?: 'atomic' | 'granular',
): Schema<Record<string, Static<S>>> {
  return node({ type: 'map', items: schemaOf(items), mapType });
}

/** An object that is one value elsewhere, but whose fields merge one by one here. */
export function granular<S extends SchemaLike>(field: S): Schema<Static<S>> {
  return { ...(schemaOf(field) as Schema<Static<S>>), mapType: 'granular' };
}

/** The same field, with another strategy for strategic merge patches. */
export function patched<S extends SchemaLike>(field: S, strategy: PatchStrategy): Schema<Static<S>> {
  return { ...(schemaOf(field) as Schema<Static<S>>), strategy };
}

/** What an object declaration may say beside its fields. */
export interface ObjectOptions<T> {
  /** Defaults that upstream applies without publishing them in OpenAPI. */
  readonly defaults?: Defaults<T>;
  /** Defaults that concern several fields; runs after the others and may change the object. */
  fill?(object: T): void;
  readonly atomic?: boolean;
  readonly union?: Union;
}

function objectNode<T>(name: string, fields: Fields, options: ObjectOptions<T>): Schema<T> {
  const nodes = new Map<string, Schema>();
  const demanded: string[] = [];
  const always: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(fields)) {
    if ('demanded' in field) {
      const schema = schemaOf(field.field);
      nodes.set(key, schema);
      if (field.demanded) demanded.push(key);
      else if (schema.type === 'object') always[key] = (): object => ({});
    } else {
      nodes.set(key, schemaOf(field));
    }
  }
  return node({
    type: 'object',
    name,
    fields: nodes,
    required: demanded,
    mapType: options.atomic ? 'atomic' : undefined,
    union: options.union,
    defaults: { ...always, ...options.defaults },
    fill: options.fill,
  });
}

/**
 * Declares an object type. Extend what it returns, and the class's name is the type:
 * `export class Probe extends define('io.k8s.api.core.v1.Probe', { … }) {}`.
 */
export function define<F extends Fields>(
  name: string,
  fields: F,
  options: ObjectOptions<ObjectOf<F>> = {},
): Definition<ObjectOf<F>> {
  const schema = objectNode(name, fields, options);
  return class {
    static readonly schema = schema;
  } as unknown as Definition<ObjectOf<F>>;
}

/** Declares a type that contains itself; its TypeScript type has to be written out. */
export function recursive<T>(name: string, fields: (self: Schema<T>) => Fields): { readonly schema: Schema<T> } {
  const self = { ...node<T>({ type: 'object', name }) };
  Object.assign(self, objectNode<T>(name, fields(self), {}));
  return { schema: self };
}

/** Gives a declared type defaults that concern several of its fields; they run after its others. */
export function fillDefaults<T>(definition: { new (): T; readonly schema: Schema }, fill: (object: T) => void): void {
  Object.assign(definition.schema, { fill });
}
