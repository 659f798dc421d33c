// Fills in defaults, in place: parents before children, as upstream does, so that a default object is filled in turn.
// Subtrees without any default are never visited; which those are is found out once per schema.
import type { Schema } from './schema.ts';

interface Plan {
  readonly constants: readonly (readonly [string, unknown])[];
  readonly computed: readonly (readonly [string, (object: unknown) => unknown])[];
  readonly fill: ((object: never) => void) | undefined;
  readonly children: readonly (readonly [string, Plan])[];
  /** The plan of what a list or map holds. */
  readonly items: Plan | undefined;
}

const plans = new WeakMap<Schema, Plan | 'none'>();

/** Fills in the defaults of an object of this schema. */
export function applyDefaults(schema: Schema, object: unknown): void {
  const plan = planOf(schema);
  if (plan !== undefined) fill(plan, object);
}

function planOf(schema: Schema): Plan | undefined {
  const known = plans.get(schema);
  if (known !== undefined) return known === 'none' ? undefined : known;
  // A schema that contains itself meets this mark while it is being planned: such schemas have no defaults.
  plans.set(schema, 'none');
  const plan = makePlan(schema);
  plans.set(schema, plan ?? 'none');
  return plan;
}

function makePlan(schema: Schema): Plan | undefined {
  if (schema.items !== undefined) {
    const items = planOf(schema.items);
    return items && { constants: [], computed: [], fill: undefined, children: [], items };
  }
  const constants: [string, unknown][] = [];
  const computed: [string, (object: unknown) => unknown][] = [];
  const children: [string, Plan][] = [];
  for (const [key, value] of Object.entries(schema.defaults ?? {})) {
    if (typeof value === 'function') computed.push([key, value as (object: unknown) => unknown]);
    else constants.push([key, value]);
  }
  for (const [key, field] of schema.fields ?? []) {
    if (field.initial !== undefined) constants.push([key, field.initial]);
    const child = planOf(field);
    if (child !== undefined) children.push([key, child]);
  }
  const empty = constants.length + computed.length + children.length === 0 && schema.fill === undefined;
  return empty ? undefined : { constants, computed, fill: schema.fill, children, items: undefined };
}

function fill(plan: Plan, value: unknown): void {
  if (plan.items !== undefined) {
    const elements = Array.isArray(value) ? value : Object.values(value as object);
    for (const element of elements) fill(plan.items, element);
    return;
  }
  const object = value as Record<string, unknown>;
  for (const [key, constant] of plan.constants) {
    const current = object[key];
    if (current === undefined || current === '') object[key] = constant;
  }
  for (const [key, compute] of plan.computed) {
    const current = object[key];
    if (current !== undefined && current !== '') continue;
    const computed = compute(object);
    if (computed !== undefined) object[key] = computed;
  }
  plan.fill?.(object as never);
  for (const [key, child] of plan.children) {
    const current = object[key];
    if (current !== undefined) fill(child, current);
  }
}
