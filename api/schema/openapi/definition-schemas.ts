// Schema nodes as OpenAPI definitions. OpenAPI 2 and 3 differ in how they point and in what a scalar union may say.
import type { JsonObject } from '../json-value.ts';
import type { Schema } from '../schema.ts';

/** Which OpenAPI is written. */
export type Dialect = 2 | 3;

/** Words on types and fields: definition → field → sentence, `''` for the definition itself. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

const prefixes: Readonly<Record<Dialect, string>> = { 2: '#/definitions/', 3: '#/components/schemas/' };

/** A reference to a definition. */
export function refTo(name: string, dialect: Dialect): JsonObject {
  return { $ref: prefixes[dialect] + name };
}

/** The definition of a named schema. */
export function definitionOf(schema: Schema, dialect: Dialect, descriptions: Descriptions): JsonObject {
  const words = descriptions[schema.name] ?? {};
  const definition: JsonObject = {};
  if (words[''] !== undefined) definition['description'] = words[''];
  if (schema.type !== 'object') return Object.assign(definition, scalarOf(schema, dialect));
  definition['type'] = 'object';
  const fields = [...(schema.fields ?? [])];
  if (fields.length > 0) {
    definition['properties'] = Object.fromEntries(
      fields.map(([key, field]) => [key, fieldOf(field, dialect, words[key] ?? commonWords[key])]),
    );
  }
  if (schema.required.length > 0) definition['required'] = [...schema.required];
  if (schema.mapType !== undefined) definition['x-kubernetes-map-type'] = schema.mapType;
  if (schema.union !== undefined) definition['x-kubernetes-unions'] = [unionOf(schema.union)];
  return definition;
}

/** What fields of these names mean wherever they stand. */
const commonWords: Readonly<Record<string, string>> = {
  apiVersion: 'The version of the API that this object is written for, e.g. apps/v1.',
  kind: 'What this object is, e.g. Deployment.',
  metadata: "The object's name, namespace, labels and other metadata.",
};

function unionOf({ discriminator, members }: NonNullable<Schema['union']>): JsonObject {
  const union: JsonObject = {};
  if (discriminator !== undefined) union['discriminator'] = discriminator;
  union['fields-to-discriminateBy'] = { ...members };
  return union;
}

function fieldOf(field: Schema, dialect: Dialect, description: string | undefined): JsonObject {
  const body = valueOf(field, dialect);
  const extras = extensionsOf(field);
  if (field.initial !== undefined) extras['default'] = field.initial;
  if (description !== undefined) extras['description'] = description;
  // In OpenAPI 3 nothing may stand beside a reference.
  const wraps = dialect === 3 && '$ref' in body && Object.keys(extras).length > 0;
  return wraps ? { allOf: [body], ...extras } : { ...body, ...extras };
}

function valueOf(field: Schema, dialect: Dialect): JsonObject {
  if (field.name !== '') return refTo(field.name, dialect);
  const items = field.items;
  if (field.type === 'list' && items !== undefined) return { type: 'array', items: fieldOf(items, dialect, undefined) };
  if (field.type === 'map' && items !== undefined) {
    return { type: 'object', additionalProperties: fieldOf(items, dialect, undefined) };
  }
  return scalarOf(field, dialect);
}

function scalarOf(field: Schema, dialect: Dialect): JsonObject {
  switch (field.type) {
    case 'quantity':
      return dialect === 2 ? { type: 'string' } : { oneOf: [{ type: 'string' }, { type: 'number' }] };
    case 'time':
    case 'microTime':
      return { type: 'string', format: 'date-time' };
    case 'intOrString':
      return dialect === 2
        ? { type: 'string', format: 'int-or-string' }
        : { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' };
    case 'bytes':
      return { type: 'string', format: 'byte' };
    case 'json':
      return field.name.includes('.apiextensions.') ? {} : { type: 'object' };
    default: {
      const body: JsonObject = { type: field.type };
      if (field.format !== '') body['format'] = field.format;
      if (field.values !== undefined) body['enum'] = [...field.values];
      return body;
    }
  }
}

function extensionsOf(field: Schema): JsonObject {
  const extras: JsonObject = {};
  // A named type says for itself whether it is one value; a field only says where it differs.
  const ownMapType = field.name === '' || field.mapType === 'granular';
  if (ownMapType && field.mapType !== undefined) extras['x-kubernetes-map-type'] = field.mapType;
  if (field.listType !== undefined) extras['x-kubernetes-list-type'] = field.listType;
  if (field.listKeys !== undefined) extras['x-kubernetes-list-map-keys'] = [...field.listKeys];
  if (field.mergeKey !== undefined) extras['x-kubernetes-patch-merge-key'] = field.mergeKey;
  if (field.strategy !== undefined) extras['x-kubernetes-patch-strategy'] = field.strategy;
  return extras;
}

/** Every named schema that a schema leads to, itself included. */
export function collectDefinitions(schema: Schema, into: Map<string, Schema>): void {
  if (schema.name !== '') {
    if (into.has(schema.name)) return;
    into.set(schema.name, schema);
  }
  for (const field of schema.fields?.values() ?? []) collectDefinitions(field, into);
  if (schema.items !== undefined) collectDefinitions(schema.items, into);
}
