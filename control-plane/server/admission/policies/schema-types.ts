// Types of served kinds for the type checking of policies: built-in kinds from their declarations, custom kinds from
// their CRD. Fields are looked up when asked for, so that kinds that contain themselves end.
import { types, type CelType } from '../../../../machinery/cel/index.ts';
import { objectMeta } from '../../../../api/kinds/meta/object-meta.ts';
import type { JSONSchemaProps } from '../../../../api/kinds/apiextensions/json-schema-props.ts';
import type { Schema } from '../../../../api/schema/schema.ts';
import { customRulesOf } from '../../crd/custom-definition.ts';
import { escapeName, jsonTypeOf } from '../../crd/rules/json-type.ts';
import type { ResourceDefinition } from '../../served/definition.ts';

const known = new WeakMap<Schema, CelType>();

/** The type of the objects of a definition. */
export function typeOfKind(definition: ResourceDefinition): CelType {
  const custom = customRulesOf(definition);
  if (custom === undefined) return typeOfSchema(definition.schema);
  const declared = custom.openApi as JSONSchemaProps | undefined;
  const type = declared === undefined ? undefined : jsonTypeOf(declared, true)?.type;
  if (type?.kind !== 'object') return types.dyn;
  const metadata = typeOfSchema(objectMeta as Schema);
  return { ...type, fields: (name) => (name === 'metadata' ? metadata : type.fields(name)) };
}

function typeOfSchema(schema: Schema): CelType {
  let type = known.get(schema);
  if (type === undefined) known.set(schema, (type = build(schema)));
  return type;
}

function build(schema: Schema): CelType {
  switch (schema.type) {
    case 'object': {
      const names = new Map(
        [...(schema.fields ?? [])].flatMap(([name, field]) => {
          const escaped = escapeName(name);
          return escaped === undefined ? [] : [[escaped, field] as const];
        }),
      );
      const fields = (name: string): CelType | undefined => {
        // Policies see objects without a schema too, where names are written as they are.
        const field = names.get(name) ?? schema.fields?.get(name);
        return field === undefined ? undefined : typeOfSchema(field);
      };
      return { kind: 'object', name: schema.name === '' ? 'object' : schema.name, fields };
    }
    case 'map':
      return types.map(types.text, schema.items === undefined ? types.dyn : typeOfSchema(schema.items));
    case 'list':
      return types.list(schema.items === undefined ? types.dyn : typeOfSchema(schema.items));
    case 'string':
      return types.text;
    case 'integer':
      return types.int;
    case 'number':
      return types.double;
    case 'boolean':
      return types.bool;
    case 'bytes':
      return types.bytes;
    case 'time':
    case 'microTime':
      return types.timestamp;
    default:
      return types.dyn;
  }
}
