// What the server knows of a resource: its names, verbs, place in the store, schema, rules and columns.
// A resource is declared once, beside its kind; the server, the console and the command line all read it from here.
import type { KubernetesObject } from '../meta/object-meta.ts';
import type { FieldError } from '../schema/field-error.ts';
import type { Schema } from '../schema/schema.ts';
import { checkDnsSubdomain } from '../meta/names.ts';
import { validateObjectMeta, validateObjectMetaUpdate, type NameRule } from './meta/object-meta-rules.ts';
import { applyDefaults } from '../schema/defaults.ts';
import { plainPrinter, type Printer, type PrinterColumn } from './printing/printer.ts';

export type { PrinterColumn } from './printing/printer.ts';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** A subresource: its verbs, and its kind where that is not the resource's own. */
export interface SubresourceDefinition {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly verbs: readonly Verb[];
}

/** The rules of a kind that its schema cannot say. Hooks may change the object that they are given. */
export interface ResourceRules<T extends KubernetesObject> {
  /** Cross-field rules, checked on every write. */
  validate?(object: T): FieldError[];
  /** Rules between an object and its predecessor, checked on every update after `validate`. */
  validateUpdate?(next: T, previous: T): FieldError[];
  /** Rules for updates through the status subresource. */
  validateStatusUpdate?(next: T, previous: T): FieldError[];
  /** Clears and sets what a client may not decide on create, before validation. */
  prepareForCreate?(object: T): void;
  /** Restores what a client may not change on update, before validation. */
  prepareForUpdate?(next: T, previous: T): void;
  /** Restores what the status subresource may not change. */
  prepareForStatusUpdate?(next: T, previous: T): void;
}

/** One resource of one version of one group. */
export interface ResourceDefinition<T extends KubernetesObject = KubernetesObject> extends ResourceRules<T> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly subresources: Readonly<Record<string, SubresourceDefinition>>;
  /** Where objects live in the store; a key is this prefix, then `namespace/` where namespaced, then the name. */
  readonly storagePrefix: string;
  readonly schema: Schema<T>;
  readonly columns: readonly PrinterColumn[];
  /** The table cells of an object, one per column. */
  row(object: T, nowMs: number): (string | number | boolean)[];
  /** The fields that field selectors may ask for, with their values. */
  selectableFields(object: T): Readonly<Record<string, string>>;
}

/** What a declaration gives; the rest follows from the kind. */
export interface ResourceOptions<T extends KubernetesObject> extends ResourceRules<T> {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced: boolean;
  readonly verbs?: readonly Verb[];
  readonly subresources?: Readonly<Record<string, SubresourceDefinition>>;
  /** The store's folder where it is not the plural. */
  readonly storage?: string;
  readonly printer?: Printer<T>;
  /** The rule of names; DNS subdomains unless given. */
  readonly nameRule?: NameRule;
  /** Whether a create may bring its status along. */
  readonly createsStatus?: boolean;
  /** Selectable fields beside metadata.name and metadata.namespace. */
  selectableFields?(object: T): Readonly<Record<string, string>>;
}

export const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** The status subresource. */
export const status: SubresourceDefinition = { verbs: ['get', 'patch', 'update'] };

/** The scale subresource of workloads. */
export const scale: SubresourceDefinition = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  verbs: ['get', 'patch', 'update'],
};

/** Declares a resource of a kind. */
export function resource<T extends KubernetesObject>(
  definition: { new (): T; readonly schema: Schema },
  options: ResourceOptions<NoInfer<T>>,
): ResourceDefinition<T> {
  const kind = kindOfSchema(definition.schema);
  const { group, version, plural, namespaced, subresources = {}, printer = plainPrinter } = options;
  return {
    group,
    version,
    kind,
    listKind: `${kind}List`,
    plural,
    singular: options.singular ?? kind.toLowerCase(),
    shortNames: options.shortNames ?? [],
    categories: options.categories ?? [],
    namespaced,
    verbs: options.verbs ?? allVerbs,
    subresources,
    storagePrefix: `/registry/${options.storage ?? plural}/`,
    schema: definition.schema as Schema<T>,
    columns: printer.columns,
    row: (object, nowMs) => printer.row(object, nowMs),
    selectableFields: (object) => Object.assign(ownFacts(object), options.selectableFields?.(object)),
    ...rulesOf(definition.schema, options),
  };
}

/** The rules of every object, and after them the kind's own. */
function rulesOf<T extends KubernetesObject>(schema: Schema, options: ResourceOptions<T>): ResourceRules<T> {
  const { nameRule = checkDnsSubdomain, prepareForUpdate, prepareForStatusUpdate, validateStatusUpdate } = options;
  const ownStatus = options.subresources?.['status'] !== undefined && options.createsStatus !== true;
  return {
    prepareForUpdate,
    prepareForStatusUpdate,
    validateStatusUpdate,
    validate: (object) => [...validateObjectMeta(object.metadata, nameRule), ...(options.validate?.(object) ?? [])],
    validateUpdate: (next, previous) => [
      ...validateObjectMetaUpdate(next.metadata, previous.metadata),
      ...(options.validateUpdate?.(next, previous) ?? []),
    ],
    prepareForCreate(object) {
      if (ownStatus) resetStatus(schema, object);
      options.prepareForCreate?.(object);
    },
  };
}

/** A new object has no status but its defaults, and zero for counts that must be there: the subresource tells the rest. */
function resetStatus(schema: Schema, object: KubernetesObject): void {
  const statusSchema = schema.fields?.get('status');
  if (statusSchema === undefined) return;
  const counts = statusSchema.required.filter((name) => statusSchema.fields?.get(name)?.type === 'integer');
  const status = Object.fromEntries(counts.map((name) => [name, 0]));
  applyDefaults(statusSchema, status);
  Object.assign(object, { status });
}

function ownFacts({ metadata: { name, namespace } }: KubernetesObject): Record<string, string> {
  return namespace ? { 'metadata.name': name, 'metadata.namespace': namespace } : { 'metadata.name': name };
}

function kindOfSchema(schema: Schema): string {
  return schema.name.slice(schema.name.lastIndexOf('.') + 1);
}
