// The schema vocabulary. A declaration made with these words is at once a TypeScript type (through `Static` or the
// class that `define` returns), its defaults, its structural validation, its merge behaviour and its OpenAPI.
// At run time a declaration is a tree of plain nodes of one shape, so that walkers stay fast and small.

/** What a node holds; `json` is any value, `quantity`, `time`, `microTime`, `bytes` and `intOrString` are scalars. */
export type SchemaType =
  | 'object'
  | 'map'
  | 'list'
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'bytes'
  | 'quantity'
  | 'time'
  | 'microTime'
  | 'intOrString'
  | 'json';

/** How a list behaves in server-side apply: one value, a set of scalars, or a map keyed by fields of its items. */
export type ListType = 'atomic' | 'set' | 'map';

/** What strategic merge patch does with a list or an object. */
export type PatchStrategy = 'merge' | 'replace' | 'retainKeys' | 'merge,retainKeys';

/** A default: a constant, or a function of the object that lacks the field (undefined leaves it out). */
export type Defaults<T> = { readonly [K in keyof T]?: T[K] | ((object: T) => T[K] | undefined) };

/** One node of a schema. */
export interface Schema<T = unknown> {
  readonly type: SchemaType;
  /** The OpenAPI definition's name, e.g. `io.k8s.api.core.v1.Pod`; empty for a node without a name. */
  readonly name: string;
  readonly format: string;
  readonly fields: ReadonlyMap<string, Schema> | undefined;
  readonly required: readonly string[];
  /** What a list or a map holds. */
  readonly items: Schema | undefined;
  readonly values: readonly string[] | undefined;
  readonly listType: ListType | undefined;
  readonly listKeys: readonly string[] | undefined;
  readonly mergeKey: string | undefined;
  readonly strategy: PatchStrategy | undefined;
  readonly mapType: 'atomic' | 'granular' | undefined;
  /** The discriminator and its fields, where the type is a union. */
  readonly union: Union | undefined;
  /** A default that OpenAPI publishes. */
  readonly initial: unknown;
  /** Defaults that upstream applies without publishing them. */
  readonly defaults: Readonly<Record<string, unknown>> | undefined;
  /** Defaults that concern several fields: runs after the others, before those of the fields' own types. */
  readonly fill: ((object: never) => void) | undefined;
  /** Only for the compiler: the type that the node describes. */
  readonly of?: T;
}

/** A union: the field that says which member is meant, and the members by the value that chooses them. */
export interface Union {
  readonly discriminator?: string;
  readonly members: Readonly<Record<string, string>>;
}

/** What `define` returns: a class whose instances have the declared type and whose `schema` is the node. */
export interface Definition<T> {
  new (): T;
  readonly schema: Schema<T>;
}

/** Anything a field may be declared with. */
export type SchemaLike<T = unknown> = Schema<T> | { readonly schema: Schema<T> };

/** A field that must be there: `demanded` by validation, or only `present` in what the server returns. */
export interface PresentField<S extends SchemaLike = SchemaLike> {
  readonly field: S;
  readonly demanded: boolean;
}

/** The fields of a declaration. */
export type Fields = Readonly<Record<string, SchemaLike | PresentField>>;

/** The TypeScript type of a schema. */
export type Static<S> = S extends new () => infer T
  ? T
  : S extends { readonly schema: Schema<infer T> }
    ? T
    : S extends Schema<infer T>
      ? T
      : never;

/** The TypeScript type of an object with these fields. */
export type ObjectOf<F extends Fields> = {
  -readonly [K in keyof F as F[K] extends PresentField ? K : never]: F[K] extends PresentField<infer S>
    ? Static<S>
    : never;
} & {
  -readonly [K in keyof F as F[K] extends PresentField ? never : K]?: Static<F[K]>;
};

const blank: Schema = {
  type: 'json',
  name: '',
  format: '',
  fields: undefined,
  required: [],
  items: undefined,
  values: undefined,
  listType: undefined,
  listKeys: undefined,
  mergeKey: undefined,
  strategy: undefined,
  mapType: undefined,
  union: undefined,
  initial: undefined,
  defaults: undefined,
  fill: undefined,
};

/** A node with the given properties; every node has the same shape. */
export function node<T>(properties: Partial<Schema>): Schema<T> {
  return { ...blank, ...properties } as Schema<T>;
}

/** The node of a schema or of a declared class. */
export function schemaOf<T>(like: SchemaLike<T>): Schema<T> {
  return 'schema' in like ? like.schema : like;
}
