// The x-kubernetes-validations of a schema, compiled: a tree beside the structural one, with nodes only where rules are.
import { createHash } from 'node:crypto';
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
import { finish, finishInTurns, type Turns } from './turns.ts';

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

/** Characters of expressions that are compiled in one turn of the event loop: some ten milliseconds. */
const turnCharacters = 4096;
/** Compiled schemas that are kept for who asks next: a CRD is judged, and then served by every one of its servers. */
const mostKept = 32;
const kept = new Map<string, RuleNode | undefined>();

/** The rules of a whole schema; undefined when it has none. At once: what may be large is prepared before. */
export function compileRules(schema: JsonSchema): RuleNode | undefined {
  if (!hasRules(schema)) return undefined;
  const key = keyOf(schema);
  return kept.has(key) ? kept.get(key) : keep(key, finish(compile(schema)));
}

/** Compiles the rules of a schema in many short turns; `compileRules` then finds them. */
export async function prepareRules(schema: JsonSchema, nextTurn: () => Promise<void>): Promise<void> {
  if (!hasRules(schema)) return;
  const key = keyOf(schema);
  if (!kept.has(key)) keep(key, await finishInTurns(compile(schema), nextTurn));
}

function* compile(schema: JsonSchema): Turns<RuleNode | undefined> {
  return yield* compileNode(schema, schema, jsonTypeOf(schema, true), { characters: 0 });
}

function keyOf(schema: JsonSchema): string {
  return createHash('sha256').update(JSON.stringify(schema)).digest('base64');
}

function keep(key: string, rules: RuleNode | undefined): RuleNode | undefined {
  kept.set(key, rules);
  const oldest = kept.size > mostKept ? kept.keys().next().value : undefined;
  if (oldest !== undefined) kept.delete(oldest);
  return rules;
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

/** What was compiled since the last turn. */
interface Progress {
  characters: number;
}

/** `rules` says what holds (the node itself, or one of its allOf); `structure` says what the value is. */
function* compileNode(
  rules: JsonSchema,
  structure: JsonSchema,
  type: SchemaType | undefined,
  progress: Progress,
): Turns<RuleNode | undefined> {
  if (type === undefined || !hasRules(rules)) return undefined;
  const properties = new Map<string, RuleNode>();
  for (const [name, property] of Object.entries(rules.properties ?? {})) {
    const own = structure.properties?.[name];
    if (own === undefined || !hasRules(property)) continue;
    const escaped = escapeName(name);
    const field = escaped === undefined ? undefined : type.fields?.get(escaped)?.type;
    const fieldType =
      (field as SchemaType | undefined) ?? jsonTypeOf(own, own['x-kubernetes-embedded-resource'] === true);
    const node = yield* compileNode(property, own, fieldType, progress);
    if (node !== undefined) properties.set(name, node);
  }
  const compiled: CompiledRule[] = [];
  for (const rule of rules['x-kubernetes-validations'] ?? []) {
    compiled.push(compileRule(rule, structure, type));
    progress.characters += rule.rule.length + (rule.messageExpression ?? '').length;
    if (progress.characters < turnCharacters) continue;
    progress.characters = 0;
    yield;
  }
  const branches: RuleNode[] = [];
  for (const branch of rules.allOf ?? []) {
    const node = yield* compileNode(branch, structure, type, progress);
    if (node !== undefined) branches.push(node);
  }
  return {
    type,
    schemaType: structure.type ?? '',
    rules: compiled,
    properties,
    additional: yield* childNode(rules.additionalProperties, structure.additionalProperties, type.items, progress),
    items: yield* childNode(rules.items, structure.items, type.items, progress),
    allOf: branches,
    listKeys: structure['x-kubernetes-list-type'] === 'map' ? structure['x-kubernetes-list-map-keys'] : undefined,
  };
}

function* childNode(
  rules: unknown,
  structure: unknown,
  type: SchemaType | undefined,
  progress: Progress,
): Turns<RuleNode | undefined> {
  return isSchema(rules) && isSchema(structure) ? yield* compileNode(rules, structure, type, progress) : undefined;
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
