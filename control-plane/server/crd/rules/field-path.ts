// The fieldPath of a validation rule: `.spec.replicas`, `['a.b'].c`. It names fields that the schema has, no elements.
import type { JSONSchemaProps as JsonSchema } from '../../../../api/kinds/apiextensions/json-schema-props.ts';

const part = /\.([A-Za-z_][A-Za-z0-9_-]*)|\['((?:[^'\\]|\\.)+)'\]/y;

/** The path as errors show it, without its leading dot; or what is wrong with it. */
export function resolveFieldPath(
  text: string,
  schema: JsonSchema,
): { readonly path: string } | { readonly fault: string } {
  const invalid = 'must be a valid path: a JSON path that starts with . and names fields of the schema';
  let node: JsonSchema | undefined = schema;
  let path = '';
  let at = 0;
  while (at < text.length) {
    part.lastIndex = at;
    const match = part.exec(text);
    if (match === null) return { fault: invalid };
    const name = match[1] ?? (match[2] ?? '').replace(/\\(.)/g, '$1');
    node = childOf(node, name);
    if (node === undefined) return { fault: `does not refer to a valid field: ${name}` };
    path += path === '' ? name : `.${name}`;
    at = part.lastIndex;
  }
  return path === '' ? { fault: invalid } : { path };
}

function childOf(schema: JsonSchema | undefined, name: string): JsonSchema | undefined {
  if (schema?.properties !== undefined && Object.hasOwn(schema.properties, name)) return schema.properties[name];
  const { additionalProperties } = schema ?? {};
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}
