// A CRD's structural schema, compiled once: the form that pruning, defaulting and validation walk.
// Only what structure says is here; value constraints are compiled beside it (value-rules.ts).
import type { JSONSchemaProps as JsonSchema } from '../../../api/kinds/apiextensions/json-schema-props.ts';
import { compileValueRules, type ValueRule } from './value-rules.ts';

/** One compiled node. */
export interface StructuralNode {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'intOrString' | 'any';
  readonly nullable: boolean;
  readonly properties: ReadonlyMap<string, StructuralNode>;
  /** What values of undeclared keys are; `true` for anything, undefined when there are none. */
  readonly additional: StructuralNode | true | undefined;
  readonly items: StructuralNode | undefined;
  readonly required: readonly string[];
  /** Undeclared fields are kept. */
  readonly preserves: boolean;
  /** An object with its own apiVersion, kind and metadata. */
  readonly isEmbedded: boolean;
  readonly initial: unknown;
  /** Whether this node or one below has a default: the others are never visited. */
  readonly hasDefaults: boolean;
  readonly rules: readonly ValueRule[];
  readonly listKeys: readonly string[] | undefined;
  readonly isSet: boolean;
}

const types = new Set(['object', 'array', 'string', 'integer', 'number', 'boolean']);

/** Compiles a schema; nothing in it is trusted to be well-formed beyond what the CRD's own validation said. */
export function compileSchema(schema: JsonSchema): StructuralNode {
  const properties = new Map(
    Object.entries(schema.properties ?? {}).map(([name, property]) => [name, compileSchema(property)]),
  );
  const { additionalProperties, items } = schema;
  const additional =
    additionalProperties === undefined || additionalProperties === false
      ? undefined
      : additionalProperties === true
        ? true
        : compileSchema(additionalProperties);
  const item = items === undefined || Array.isArray(items) ? undefined : compileSchema(items as JsonSchema);
  const children = [
    ...properties.values(),
    ...(additional === undefined || additional === true ? [] : [additional]),
    ...(item === undefined ? [] : [item]),
  ];
  return {
    type: typeOf(schema),
    nullable: schema.nullable === true,
    properties,
    additional,
    items: item,
    required: schema.required ?? [],
    preserves: schema['x-kubernetes-preserve-unknown-fields'] === true,
    isEmbedded: schema['x-kubernetes-embedded-resource'] === true,
    initial: schema.default,
    hasDefaults: schema.default !== undefined || children.some(({ hasDefaults }) => hasDefaults),
    rules: compileValueRules(schema),
    listKeys: schema['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : undefined,
    isSet: schema['x-kubernetes-list-type'] === 'set',
  };
}

function typeOf(schema: JsonSchema): StructuralNode['type'] {
  if (schema['x-kubernetes-int-or-string'] === true) return 'intOrString';
  const { type } = schema;
  return type !== undefined && types.has(type) ? (type as StructuralNode['type']) : 'any';
}
