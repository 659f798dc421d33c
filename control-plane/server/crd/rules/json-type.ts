// What expressions see of a value that a CRD's schema describes: CEL types, escaped field names, and bounds on sizes,
// which come from the schema or else from what fits into one request.
import { anyJson, types, type CelType, type JsonField, type JsonType } from '../../../../machinery/cel/index.ts';
import type { JSONSchemaProps as JsonSchema } from '../../../../api/kinds/apiextensions/json-schema-props.ts';

const maxRequestBytes = 3 * 1024 * 1024;

/** A type with the bytes that its smallest value takes in JSON: what bounds the length of a list without maxItems. */
export interface SchemaType extends JsonType {
  readonly minBytes: number;
  readonly items: SchemaType | undefined;
}

const keywords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return'.split(' '),
);

/** A property's name as expressions write it; undefined for names that cannot be written. */
export function escapeName(name: string): string | undefined {
  if (keywords.has(name)) return `__${name}__`;
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name)) return undefined;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}

/** How expressions write the name of a property. */
type Naming = (name: string) => string | undefined;

let objects = 0;

/** The type of a schema node; undefined for nodes that expressions cannot look into. */
export function jsonTypeOf(
  schema: JsonSchema,
  isResource: boolean,
  naming: Naming = escapeName,
): SchemaType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true)
    return scalar(types.dyn, 'json', (schema.maxLength ?? (maxRequestBytes - 2) / 4) * 4, 1);
  switch (schema.type) {
    case 'array':
      return listType(schema, naming);
    case 'object':
      return typeof schema.additionalProperties === 'object' && schema.additionalProperties !== null
        ? mapType(schema, schema.additionalProperties, naming)
        : objectType(schema, isResource, naming);
    case 'string':
      return textType(schema);
    case 'boolean':
      return scalar(types.bool, 'json', 1, 4);
    case 'number':
      return scalar(types.double, 'double', 1, 1);
    case 'integer':
      return scalar(types.int, 'json', 1, 1);
    default:
      return undefined;
  }
}

function scalar(type: CelType, reads: JsonType['reads'], max: number, minBytes: number): SchemaType {
  const min = max === 1 ? 1 : 0;
  return { ...anyJson, type, reads, items: undefined, size: { min, max }, minBytes };
}

function textType({ format, maxLength, enum: values }: JsonSchema): SchemaType {
  switch (format) {
    case 'byte':
      return scalar(types.bytes, 'bytes', maxLength ?? maxRequestBytes - 2, 2);
    case 'duration':
      return scalar(types.duration, 'duration', 32, 4);
    case 'date':
      return scalar(types.timestamp, 'date', 12, 12);
    case 'date-time':
      return scalar(types.timestamp, 'timestamp', 38, 22);
    default: {
      const longest = (values ?? []).map((value) => (typeof value === 'string' ? value.length : 0));
      const max =
        maxLength !== undefined ? maxLength * 4 : longest.length > 0 ? Math.max(...longest) : maxRequestBytes - 2;
      return { ...scalar(types.text, 'json', max, 2), size: { min: 0, max } };
    }
  }
}

function listType(schema: JsonSchema, naming: Naming): SchemaType | undefined {
  const { items: declared, maxItems } = schema;
  if (declared === undefined || Array.isArray(declared)) return undefined;
  const items = jsonTypeOf(declared as JsonSchema, declared['x-kubernetes-embedded-resource'] === true, naming);
  if (items === undefined) return undefined;
  const listKind = schema['x-kubernetes-list-type'];
  return {
    ...anyJson,
    type: types.list(items.type),
    items,
    keys: undefined,
    listType: listKind === 'set' || listKind === 'map' ? listKind : 'atomic',
    listKeys: (schema['x-kubernetes-list-map-keys'] ?? []).map((key) => escapeName(key) ?? key),
    size: { min: 0, max: Math.max(maxItems ?? Math.floor((maxRequestBytes - 2) / (items.minBytes + 1)), 0) },
    minBytes: 2,
  };
}

function mapType({ maxProperties }: JsonSchema, values: JsonSchema, naming: Naming): SchemaType | undefined {
  const items = jsonTypeOf(values, values['x-kubernetes-embedded-resource'] === true, naming);
  if (items === undefined) return undefined;
  return {
    ...anyJson,
    type: types.map(types.text, items.type),
    items,
    keys: scalar(types.text, 'json', maxRequestBytes - 2, 2),
    field: () => items,
    size: { min: 0, max: Math.max(maxProperties ?? Math.floor((maxRequestBytes - 2) / (items.minBytes + 6)), 0) },
    minBytes: 2,
  };
}

const text: JsonSchema = { type: 'string' };
const objectMeta: JsonSchema = { type: 'object', properties: { name: text, generateName: text } };

function objectType(schema: JsonSchema, isResource: boolean, naming: Naming): SchemaType {
  const properties = isResource
    ? { ...schema.properties, apiVersion: text, kind: text, metadata: objectMeta }
    : (schema.properties ?? {});
  const fields = new Map<string, JsonField & { readonly type: SchemaType }>();
  let minBytes = 2;
  for (const [name, property] of Object.entries(properties)) {
    const type = jsonTypeOf(property, property['x-kubernetes-embedded-resource'] === true, naming);
    if (type === undefined) continue;
    const escaped = naming(name);
    if (escaped !== undefined) fields.set(escaped, { name, type });
    if ((schema.required ?? []).includes(name) && property.default === undefined)
      minBytes += name.length + type.minBytes + 4;
  }
  const celFields = new Map([...fields].map(([name, field]) => [name, field.type.type] as const));
  return {
    ...anyJson,
    type: types.objectType(`object.${++objects}`, celFields),
    fields,
    field: (name) => fields.get(name)?.type,
    items: undefined,
    size: { min: 0, max: fields.size },
    minBytes,
  };
}
