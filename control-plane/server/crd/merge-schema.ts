// A CRD's schema in the house's own vocabulary, as far as merging needs it: which lists are keyed, sets or one value.
// What the CRD leaves open stays out, so that its merge behaviour is deduced from the values, as upstream does.
import type { JSONSchemaProps } from '../../../api/kinds/apiextensions/json-schema-props.ts';
import { objectMeta } from '../../../api/kinds/meta/object-meta.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { node, type ListType, type Schema } from '../../../api/schema/schema.ts';
import { string } from '../../../api/schema/vocabulary.ts';

/** The schema of a custom kind. */
export function mergeSchemaOf(name: string, declared: JSONSchemaProps | undefined): Schema<KubernetesObject> {
  const fields = new Map<string, Schema>(fieldsOf(declared));
  fields.set('apiVersion', string);
  fields.set('kind', string);
  fields.set('metadata', objectMeta as Schema);
  return node<KubernetesObject>({ type: 'object', name, fields });
}

function fieldsOf(declared: JSONSchemaProps | undefined): [string, Schema][] {
  return Object.entries(declared?.properties ?? {}).flatMap(([key, property]) => {
    const schema = schemaOf(property);
    return schema === undefined ? [] : [[key, schema] as [string, Schema]];
  });
}

function schemaOf(declared: JSONSchemaProps): Schema | undefined {
  const { type, items, additionalProperties, properties } = declared;
  if (declared['x-kubernetes-int-or-string'] === true) return node({ type: 'intOrString' });
  const mapType = declared['x-kubernetes-map-type'] === 'atomic' ? 'atomic' : undefined;
  if (type === 'array') {
    const listType = (declared['x-kubernetes-list-type'] ?? 'atomic') as ListType;
    const item = items === undefined || Array.isArray(items) ? undefined : schemaOf(items);
    return node({ type: 'list', items: item, listType, listKeys: declared['x-kubernetes-list-map-keys'] });
  }
  if (type === 'object' && properties !== undefined)
    return node({ type: 'object', fields: new Map(fieldsOf(declared)), mapType });
  if (type === 'object' && typeof additionalProperties === 'object')
    return node({ type: 'map', items: schemaOf(additionalProperties), mapType });
  if (type === 'string' || type === 'integer' || type === 'number' || type === 'boolean') return node({ type });
  return undefined;
}
