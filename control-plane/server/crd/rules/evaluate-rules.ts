// Evaluates the rules of a schema on an object and, for transitions, on its predecessor. One budget for the whole
// object: whatever the rules are, a write ends. What did not change is not judged anew (ratcheting).
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../../../../api/schema/field-error.ts';
import {
  Budget,
  CelError,
  CostExceeded,
  fromJson,
  Optional,
  perCallLimit,
  type Value,
} from '../../../../machinery/cel/index.ts';
import { stableJson } from '../../registry/metadata.ts';
import type { CompiledRule, RuleNode } from './compile-rules.ts';
import { finish, finishInTurns, type Turns } from './turns.ts';

/** What all rules of one object may cost together, as upstream limits it. */
const objectLimit = 10_000_000;
/** What is spent in one turn of the event loop: some ten milliseconds. */
export const turnCost = 100_000;
const longestMessage = 5120;

type Json = Readonly<Record<string, unknown>>;

interface Walk {
  readonly faults: FieldError[];
  /** Sentences about faults that stand only because nothing changed there. */
  readonly warnings: string[];
  spent: number;
  /** What was spent when others last had their turn. */
  pausedAt: number;
}

/** Thrown inside when no further rule may run. */
class Exhausted extends Error {}

/** What rules find. */
export interface Findings {
  readonly faults: FieldError[];
  readonly warnings: string[];
}

/** The faults that rules find, at once; `previous` is undefined for new objects. */
export function evaluateRules(root: RuleNode, object: unknown, previous?: unknown): Findings {
  return finish(evaluate(root, object, previous));
}

/** The same in turns: between two pauses at most `turnCost` and one rule's own limit are spent. */
export function evaluateRulesInTurns(
  root: RuleNode,
  object: unknown,
  previous: unknown,
  pause: () => Promise<void>,
): Promise<Findings> {
  return finishInTurns(evaluate(root, object, previous), pause);
}

function* evaluate(root: RuleNode, object: unknown, previous: unknown): Turns<Findings> {
  const walk: Walk = { faults: [], warnings: [], spent: 0, pausedAt: 0 };
  try {
    yield* visit(root, object, previous, '', previous !== undefined, walk);
  } catch (error) {
    if (!(error instanceof Exhausted)) throw error;
  }
  return walk;
}

function* visit(
  node: RuleNode,
  value: unknown,
  old: unknown,
  path: string,
  isCorrelated: boolean,
  walk: Walk,
): Turns<void> {
  if (value === undefined || value === null) return;
  const isSame = isCorrelated && isDeepStrictEqual(value, old);
  for (const rule of node.rules) {
    judge(node, rule, value, old ?? undefined, path, isSame, walk);
    if (walk.spent - walk.pausedAt < turnCost) continue;
    walk.pausedAt = walk.spent;
    yield;
  }
  for (const branch of node.allOf) yield* visit(branch, value, old, path, isCorrelated, walk);
  if (Array.isArray(value)) return yield* visitItems(node, value, old, path, isCorrelated, walk);
  if (typeof value !== 'object') return;
  const object = value as Json;
  const oldObject = typeof old === 'object' && old !== null && !Array.isArray(old) ? (old as Json) : undefined;
  for (const [name, child] of Object.entries(object)) {
    const next = node.properties.get(name) ?? (node.type.fields === undefined ? node.additional : undefined);
    const own = oldObject !== undefined && Object.hasOwn(oldObject, name) ? oldObject[name] : undefined;
    const childPath = node.properties.has(name) ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`;
    if (next !== undefined) yield* visit(next, child, own, childPath, isCorrelated && own !== undefined, walk);
  }
}

/** Elements have predecessors only in lists whose elements have keys. */
function* visitItems(
  { items, listKeys }: RuleNode,
  value: readonly unknown[],
  old: unknown,
  path: string,
  isCorrelated: boolean,
  walk: Walk,
): Turns<void> {
  if (items === undefined) return;
  const identity = (item: unknown): string => stableJson((listKeys ?? []).map((key) => (item as Json | null)?.[key]));
  const previous = new Map(
    listKeys === undefined || !Array.isArray(old) ? [] : old.map((item: unknown) => [identity(item), item] as const),
  );
  for (const [index, item] of value.entries()) {
    const own = listKeys === undefined ? undefined : previous.get(identity(item));
    yield* visit(items, item, own, `${path}[${index}]`, isCorrelated && own !== undefined, walk);
  }
}

function judge(
  node: RuleNode,
  rule: CompiledRule,
  value: unknown,
  old: unknown,
  path: string,
  isSame: boolean,
  walk: Walk,
): void {
  const { declared, program } = rule;
  const invalid = (detail: string): FieldError => ({
    path,
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${detail}`,
  });
  if (program === undefined) {
    walk.faults.push(invalid(`rule compile error: ${rule.fault ?? ''}`));
    return;
  }
  if (rule.readsOldSelf && old === undefined && declared.optionalOldSelf !== true) return;
  const variables: Record<string, Value> = { self: fromJson(value, node.type) };
  const oldSelf = old === undefined ? undefined : fromJson(old, node.type);
  if (declared.optionalOldSelf === true) variables['oldSelf'] = new Optional(oldSelf);
  else if (oldSelf !== undefined) variables['oldSelf'] = oldSelf;
  const budget = new Budget(Math.min(perCallLimit, objectLimit - walk.spent));
  const shown = declared.message?.trim() || declared.rule.trim();
  try {
    if (program.evaluate(variables, budget) === true) return;
    const message = explain(rule, variables, budget);
    const fault = faultOf(node, rule, value, path, message);
    if (isSame && !rule.readsOldSelf) walk.warnings.push(`${fault.path}: ${fault.message}`);
    else walk.faults.push(fault);
  } catch (error) {
    if (error instanceof CostExceeded) {
      walk.faults.push(
        invalid(
          budget.limit < perCallLimit
            ? 'validation failed due to running out of cost budget, no further validation rules will be run'
            : `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${shown}`,
        ),
      );
      throw new Exhausted();
    }
    if (!(error instanceof CelError)) throw error;
    walk.faults.push(
      invalid(
        error.message === 'no such overload'
          ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${shown}`
          : `${error.message} evaluating rule: ${shown}`,
      ),
    );
  } finally {
    walk.spent += budget.spent;
  }
}

/** The sentence for the client: what messageExpression says if it says one line, else what the rule's author wrote. */
function explain(
  { declared, message }: CompiledRule,
  variables: Readonly<Record<string, Value>>,
  budget: Budget,
): string {
  const written = declared.message?.trim() ?? '';
  const fallback = written === '' ? `failed rule: ${declared.rule.trim()}` : written;
  if (message === undefined) return fallback;
  try {
    const made = String(message.evaluate(variables, budget)).trim();
    return made === '' || made.includes('\n') || made.length > longestMessage ? fallback : made;
  } catch (error) {
    if (error instanceof CelError) return fallback;
    throw error;
  }
}

function faultOf(
  node: RuleNode,
  { declared, fieldPath }: CompiledRule,
  value: unknown,
  path: string,
  message: string,
): FieldError {
  const at = fieldPath === '' ? path : path === '' ? fieldPath : `${path}.${fieldPath}`;
  const isContainer = node.schemaType === 'object' || node.schemaType === 'array';
  const shown = isContainer ? '' : `${JSON.stringify(value)}: `;
  switch (declared.reason) {
    case 'FieldValueForbidden':
      return { path: at, reason: 'FieldValueForbidden', message: `Forbidden: ${message}` };
    case 'FieldValueRequired':
      return { path: at, reason: 'FieldValueRequired', message: `Required value: ${message}` };
    case 'FieldValueDuplicate':
      return { path: at, reason: 'FieldValueDuplicate', message: `Duplicate value: ${shown}${message}` };
    default:
      return { path: at, reason: 'FieldValueInvalid', message: `Invalid value: ${shown}${message}` };
  }
}
