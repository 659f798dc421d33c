// The x-kubernetes-validations of a schema, compiled: a tree beside the structural one, with nodes only where rules are.
import type { JSONSchemaProps as JsonSchema } from '../../../../api/kinds/apiextensions/json-schema-props.ts';
import {
  compileExpression,
  createEnvironment,
  kubernetesLibraries,
  types,
  withVariables,
  type Program,
} from '../../../../machinery/cel/index.ts';
import { escapeName, jsonTypeOf, type SchemaType } from './json-type.ts';
import { resolveFieldPath } from './field-path.ts';

type Declared = NonNullable<JsonSchema['x-kubernetes-validations']>[number];

/** One rule: runnable, or why it is not. */
export interface CompiledRule {
  readonly declared: Declared;
  readonly program: Program | undefined;
  readonly fault: string | undefined;
  readonly message: Program | undefined;
  readonly messageFault: string | undefined;
  /** Judges changes: evaluated only when there is an old value, or when oldSelf is optional. */
  readonly readsOldSelf: boolean;
  /** What is appended to the path of a fault: `.spec.foo`. */
  readonly fieldPath: string;
  readonly fieldPathFault: string | undefined;
}

/** The rules of one schema node and of those below. */
export interface RuleNode {
  readonly type: SchemaType;
  /** The type's name in JSON Schema. */
  readonly schemaType: string;
  readonly rules: readonly CompiledRule[];
  readonly properties: ReadonlyMap<string, RuleNode>;
  readonly additional: RuleNode | undefined;
  readonly items: RuleNode | undefined;
  readonly allOf: readonly RuleNode[];
  readonly listKeys: readonly string[] | undefined;
}

const base = createEnvironment({ variables: {}, libraries: kubernetesLibraries });

/** Compiles the rules of a whole schema; undefined when it has none. */
export function compileRules(schema: JsonSchema): RuleNode | undefined {
  return hasRules(schema) ? compileNode(schema, schema, jsonTypeOf(schema, true)) : undefined;
}

function hasRules(schema: JsonSchema): boolean {
  if ((schema['x-kubernetes-validations'] ?? []).length > 0) return true;
  return childrenOf(schema).some(hasRules);
}

function childrenOf({ properties = {}, items, additionalProperties, allOf = [] }: JsonSchema): JsonSchema[] {
  const children = [...Object.values(properties), ...allOf];
  if (items !== undefined && !Array.isArray(items)) children.push(items as JsonSchema);
  if (typeof additionalProperties === 'object') children.push(additionalProperties);
  return children;
}

/** `rules` says what holds (the node itself, or one of its allOf); `structure` says what the value is. */
function compileNode(rules: JsonSchema, structure: JsonSchema, type: SchemaType | undefined): RuleNode | undefined {
  if (type === undefined || !hasRules(rules)) return undefined;
  const properties = new Map<string, RuleNode>();
  for (const [name, property] of Object.entries(rules.properties ?? {})) {
    const own = structure.properties?.[name];
    if (own === undefined) continue;
    const escaped = escapeName(name);
    const field = escaped === undefined ? undefined : type.fields?.get(escaped)?.type;
    const fieldType =
      (field as SchemaType | undefined) ?? jsonTypeOf(own, own['x-kubernetes-embedded-resource'] === true);
    const node = compileNode(property, own, fieldType);
    if (node !== undefined) properties.set(name, node);
  }
  return {
    type,
    schemaType: structure.type ?? '',
    rules: (rules['x-kubernetes-validations'] ?? []).map((rule) => compileRule(rule, structure, type)),
    properties,
    additional: childNode(rules.additionalProperties, structure.additionalProperties, type.items),
    items: childNode(rules.items, structure.items, type.items),
    allOf: (rules.allOf ?? []).flatMap((branch) => compileNode(branch, structure, type) ?? []),
    listKeys: structure['x-kubernetes-list-type'] === 'map' ? structure['x-kubernetes-list-map-keys'] : undefined,
  };
}

function childNode(rules: unknown, structure: unknown, type: SchemaType | undefined): RuleNode | undefined {
  return isSchema(rules) && isSchema(structure) ? compileNode(rules, structure, type) : undefined;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function compileRule(declared: Declared, structure: JsonSchema, type: SchemaType): CompiledRule {
  const oldType = declared.optionalOldSelf === true ? types.optional(type.type) : type.type;
  const environment = withVariables(base, {
    self: { type: type.type, shape: type },
    oldSelf: { type: oldType, shape: type },
  });
  const rule = compileExpression(declared.rule, environment);
  const message =
    declared.messageExpression === undefined ? undefined : compileExpression(declared.messageExpression, environment);
  const path = declared.fieldPath === undefined ? { path: '' } : resolveFieldPath(declared.fieldPath, structure);
  const program = 'program' in rule ? rule.program : undefined;
  const messageProgram = message !== undefined && 'program' in message ? message.program : undefined;
  return {
    declared,
    program: program?.type.kind === 'bool' ? program : undefined,
    fault:
      'fault' in rule
        ? `compilation failed: ${rule.fault}`
        : rule.program.type.kind === 'bool'
          ? undefined
          : 'cel expression must evaluate to a bool',
    message: messageProgram?.type.kind === 'string' ? messageProgram : undefined,
    messageFault:
      message === undefined
        ? undefined
        : 'fault' in message
          ? `messageExpression compilation failed: ${message.fault}`
          : message.program.type.kind === 'string'
            ? undefined
            : 'messageExpression must evaluate to a string',
    readsOldSelf: program?.variables.has('oldSelf') ?? false,
    fieldPath: 'path' in path ? path.path : '',
    fieldPathFault: 'fault' in path ? path.fault : undefined,
  };
}
