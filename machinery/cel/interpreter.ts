// Turns a checked tree into closures that evaluate it. Every step charges the budget as upstream's evaluator does.
// Errors are thrown; inside folds they are kept as the accumulator's value, so that && and || can absorb them.
import type { Call, Comprehension, Expr, ListExpr, MapExpr, Select, StructExpr } from './ast.ts';
import type { Budget } from './budget.ts';
import { CelError } from './budget.ts';
import type { Checked } from './checker.ts';
import { listBase, mapBase, structBase } from './cost-models.ts';
import type { Overload } from './overload.ts';
import { isOfType } from './runtime-types.ts';
import type { CelType } from './types.ts';
import {
  ArrayList,
  EntryMap,
  keyText,
  ListValue,
  MapValue,
  Optional,
  StructValue,
  TypeValue,
  type Value,
} from './values.ts';

/** Answers the value of a variable; undefined for one that is not there. May throw CelError. */
export type Resolver = (name: string) => Value | undefined;

interface Frame {
  readonly resolve: Resolver;
  readonly budget: Budget;
  /** Local variables of folds. */
  readonly slots: (Value | CelError)[];
}

type Step = (frame: Frame) => Value;

/** Where local variables are kept; `next` is the first free slot. */
interface Scope {
  readonly slots: ReadonlyMap<string, number>;
  readonly next: number;
}

/** Evaluates the expression. Throws CelError and CostExceeded. */
export type Evaluate = (resolve: Resolver, budget: Budget) => Value;

/** Compiles a checked tree that has no issues. */
export function compileTree(checked: Checked): Evaluate {
  const step = new Compiler(checked).step(checked.expr, { slots: new Map(), next: 0 });
  return (resolve, budget) => step({ resolve, budget, slots: [] });
}

class Compiler {
  readonly #checked: Checked;

  constructor(checked: Checked) {
    this.#checked = checked;
  }

  step(expr: Expr, scope: Scope): Step {
    switch (expr.kind) {
      case 'literal': {
        const { value } = expr;
        return () => value;
      }
      case 'ident':
        return this.#name(expr, expr.name, scope);
      case 'select':
        return this.#select(expr, scope);
      case 'call':
        return this.#call(expr, scope);
      case 'list':
        return this.#list(expr, scope);
      case 'map':
        return this.#map(expr, scope);
      case 'struct':
        return this.#struct(expr, scope);
      case 'fold':
        return this.#fold(expr, scope);
    }
  }

  #name(expr: Expr, fallback: string, scope: Scope): Step {
    const reference = this.#checked.referenceOf(expr);
    if (reference !== undefined && 'type' in reference) {
      const type = new TypeValue(reference.type);
      return () => type;
    }
    const name = reference?.variable ?? fallback;
    const slot = scope.slots.get(name);
    if (slot === undefined) {
      return ({ resolve, budget }) => {
        budget.charge(1);
        const value = resolve(name);
        if (value === undefined) throw new CelError(`no such attribute(s): ${name}`);
        return value;
      };
    }
    return ({ slots, budget }) => {
      budget.charge(1);
      const value = slots[slot];
      if (value instanceof CelError) throw value;
      return value as Value;
    };
  }

  #select(expr: Select, scope: Scope): Step {
    if (this.#checked.referenceOf(expr) !== undefined) return this.#name(expr, '', scope);
    const operand = this.step(expr.operand, scope);
    const { field } = expr;
    if (expr.isTest) return (frame) => hasField(operand(frame), field);
    return (frame) => {
      const value = operand(frame);
      frame.budget.charge(1);
      if (value instanceof Optional) return selectOptional(value, field);
      return selectField(value, field);
    };
  }

  #call(expr: Call, scope: Scope): Step {
    const parts =
      expr.target === undefined || this.#checked.isNamespaced(expr) ? expr.args : [expr.target, ...expr.args];
    const args = parts.map((part) => this.step(part, scope));
    const [first, second, third] = args as [Step, Step, Step];
    switch (expr.name) {
      case '_&&_':
        return logical(first, second, false);
      case '_||_':
        return logical(first, second, true);
      case '_?_:_':
        return (frame) => (asBool(first(frame)) ? second(frame) : third(frame));
      case '@not_strictly_false':
        return (frame) => {
          try {
            frame.budget.charge(1);
            return first(frame) !== false;
          } catch (error) {
            if (error instanceof CelError) return true;
            throw error;
          }
        };
      case '_?._':
        return (frame) => {
          const value = first(frame);
          frame.budget.charge(1);
          return selectOptional(value, String(second(frame)));
        };
      case 'or':
      case 'orValue':
        // The alternative is not looked at when there is a value.
        return (frame) => {
          const value = first(frame);
          frame.budget.charge(1);
          if (!(value instanceof Optional)) throw new CelError('no such overload');
          if (value.value !== undefined) return expr.name === 'or' ? value : value.value;
          return second(frame);
        };
      default:
        return dispatch(this.#checked.overloadsOf(expr), args);
    }
  }

  #list({ elements, optional }: ListExpr, scope: Scope): Step {
    const steps = elements.map((element) => this.step(element, scope));
    return (frame) => {
      const items: Value[] = [];
      steps.forEach((step, index) => {
        const value = optional.has(index) ? present(step(frame)) : step(frame);
        if (value !== undefined) items.push(value);
      });
      frame.budget.charge(listBase);
      return new ArrayList(items);
    };
  }

  #map({ entries }: MapExpr, scope: Scope): Step {
    const steps = entries.map(({ key, value, isOptional }) => ({
      key: this.step(key, scope),
      value: this.step(value, scope),
      isOptional,
    }));
    return (frame) => {
      const found = new Map<string, readonly [Value, Value]>();
      for (const { key, value, isOptional } of steps) {
        const name = key(frame);
        const held = isOptional ? present(value(frame)) : value(frame);
        if (held === undefined) continue;
        if (found.has(keyText(name))) throw new CelError(`Failed with repeated key`);
        found.set(keyText(name), [name, held]);
      }
      frame.budget.charge(mapBase);
      return new EntryMap(found.values());
    };
  }

  #struct(expr: StructExpr, scope: Scope): Step {
    const type = this.#checked.typeOf(expr);
    const steps = expr.fields.map(({ name, value, isOptional }) => ({
      name,
      isOptional,
      value: this.step(value, scope),
    }));
    return (frame) => {
      const entries: (readonly [Value, Value])[] = [];
      for (const { name, value, isOptional } of steps) {
        const held = isOptional ? present(value(frame)) : value(frame);
        if (held !== undefined) entries.push([name, held]);
      }
      frame.budget.charge(structBase);
      return new StructValue(type, entries);
    };
  }

  #fold(expr: Comprehension, scope: Scope): Step {
    const range = this.step(expr.range, scope);
    const accuInit = this.step(expr.accuInit, scope);
    const accuSlot = scope.next;
    const base = accuSlot + 1;
    const next = base + 2;
    const withAccu = new Map(scope.slots).set(expr.accuVar, accuSlot);
    const inner = new Map(withAccu).set(expr.iterVar, base);
    if (expr.iterVar2 !== undefined) inner.set(expr.iterVar2, base + 1);
    const condition = this.step(expr.condition, { slots: inner, next });
    const step = this.step(expr.step, { slots: inner, next });
    const result = this.step(expr.result, { slots: withAccu, next });
    const isPaired = expr.iterVar2 !== undefined;
    return (frame) => {
      const { slots } = frame;
      const over = range(frame);
      slots[accuSlot] = accuInit(frame);
      const goesOn = (key: Value, value: Value): boolean => {
        slots[base] = key;
        slots[base + 1] = value;
        if (condition(frame) !== true) return false;
        slots[accuSlot] = keepError(step, frame);
        return true;
      };
      if (over instanceof ListValue) {
        for (let i = 0, { size } = over; i < size; i++)
          if (!(isPaired ? goesOn(BigInt(i), over.at(i)) : goesOn(over.at(i), null))) break;
      } else if (over instanceof MapValue) {
        for (const key of over.keys()) if (!goesOn(key, isPaired ? (over.get(key) as Value) : null)) break;
      } else throw new CelError('no such overload');
      return result(frame);
    };
  }
}

function keepError(step: Step, frame: Frame): Value | CelError {
  try {
    return step(frame);
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

function logical(first: Step, second: Step, decisive: boolean): Step {
  return (frame) => {
    const left = keepError(first, frame);
    if (left === decisive) return decisive;
    const right = keepError(second, frame);
    if (right === decisive) return decisive;
    if (left instanceof CelError) throw left;
    if (right instanceof CelError) throw right;
    asBool(left);
    return asBool(right);
  };
}

function asBool(value: Value): boolean {
  if (typeof value !== 'boolean') throw new CelError('no such overload');
  return value;
}

function present(value: Value): Value | undefined {
  if (value instanceof Optional) return value.value;
  throw new CelError('no such overload');
}

function hasField(operand: Value, field: string): boolean {
  if (operand instanceof Optional) return operand.value !== undefined && hasField(operand.value, field);
  if (!(operand instanceof MapValue)) throw new CelError('no such overload');
  return operand.get(field) !== undefined;
}

function selectField(operand: Value, field: string): Value {
  if (!(operand instanceof MapValue)) throw new CelError('no such overload');
  const value = operand.get(field);
  if (value === undefined) throw new CelError(`no such key: ${field}`);
  return value;
}

function selectOptional(operand: Value, field: string): Value {
  const inner = operand instanceof Optional ? operand.value : operand;
  if (inner === undefined) return Optional.none;
  if (!(inner instanceof MapValue)) throw new CelError('no such overload');
  const value = inner.get(field);
  return value === undefined ? Optional.none : new Optional(value);
}

/** Calls the overload whose types the values have; the one that was called last is tried first. */
function dispatch(overloads: readonly Overload[], args: readonly Step[]): Step {
  const [first, second] = args;
  let last = overloads[0];
  const isTaken = ({ args: types }: Overload, values: readonly Value[]): boolean => {
    for (let i = 0; i < types.length; i++) if (!isOfType(values[i] as Value, types[i] as CelType)) return false;
    return true;
  };
  const finish = ({ budget }: Frame, values: readonly Value[]): Value => {
    if (last === undefined || !isTaken(last, values)) {
      const fitting = overloads.find((overload) => isTaken(overload, values));
      if (fitting === undefined) throw new CelError('no such overload');
      last = fitting;
    }
    const result = last.call(values, budget);
    budget.charge(last.cost.actual(values, result));
    return result;
  };
  if (args.length === 1 && first !== undefined) return (frame) => finish(frame, [first(frame)]);
  if (args.length === 2 && first !== undefined && second !== undefined)
    return (frame) => finish(frame, [first(frame), second(frame)]);
  return (frame) =>
    finish(
      frame,
      args.map((arg) => arg(frame)),
    );
}
