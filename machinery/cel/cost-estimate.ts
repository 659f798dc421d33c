// What an expression can cost at most, before it has ever run: from the sizes that its variables' schemas allow.
// The model is cel-go's; upstream refuses rules by the same figures.
import type { Call, Comprehension, Expr } from './ast.ts';
import type { Checked } from './checker.ts';
import { add, fixed, listBase, mapBase, none, structBase, times, union, unknownSize } from './cost-models.ts';
import type { Environment, Shape } from './environment.ts';
import type { ArgumentEstimate, Range } from './overload.ts';
import type { CelType } from './types.ts';
import { codePoints, type Value } from './values.ts';

/** What is known of a node: what evaluating it costs, how large its value can be, and where in a schema it lies. */
interface Estimate {
  readonly cost: Range;
  readonly size: Range;
  readonly shape: Shape | undefined;
  /** Sizes of the elements of a list that the expression itself made. */
  readonly elementSize: Range | undefined;
}

type Locals = ReadonlyMap<string, Omit<Estimate, 'cost'>>;

/** The cost of a checked expression; `max` is Infinity when nothing bounds it. */
export function estimateCost(checked: Checked, environment: Environment): Range {
  return new Coster(checked, environment).estimate(checked.expr, new Map()).cost;
}

class Coster {
  readonly #checked: Checked;
  readonly #environment: Environment;

  constructor(checked: Checked, environment: Environment) {
    this.#checked = checked;
    this.#environment = environment;
  }

  #of(expr: Expr, cost: Range, shape: Shape | undefined, size?: Range, elementSize?: Range): Estimate {
    const type = this.#checked.typeOf(expr);
    return { cost, shape, size: size ?? shape?.size ?? sizeOfType(type), elementSize };
  }

  estimate(expr: Expr, locals: Locals): Estimate {
    switch (expr.kind) {
      case 'literal':
        return this.#of(expr, none, undefined, literalSize(expr.value));
      case 'ident':
        return this.#variable(expr, expr.name, locals);
      case 'select': {
        const reference = this.#checked.referenceOf(expr);
        if (reference !== undefined && 'variable' in reference) return this.#variable(expr, reference.variable, locals);
        const operand = this.estimate(expr.operand, locals);
        const shape = operand.shape?.field(expr.field);
        if (expr.isTest) return this.#of(expr, operand.cost, undefined);
        return this.#of(expr, add(operand.cost, fixed(1)), shape);
      }
      case 'call':
        return this.#call(expr, locals);
      case 'list': {
        const elements = expr.elements.map((element) => this.estimate(element, locals));
        const cost = elements.reduce((sum, one) => add(sum, one.cost), fixed(listBase));
        const size = { min: elements.length - expr.optional.size, max: elements.length };
        const elementSize = elements.map((one) => one.size).reduce(union, elements[0]?.size ?? none);
        return this.#of(expr, cost, undefined, size, elementSize);
      }
      case 'map': {
        let cost = fixed(mapBase);
        for (const { key, value } of expr.entries)
          cost = add(cost, add(this.estimate(key, locals).cost, this.estimate(value, locals).cost));
        return this.#of(expr, cost, undefined, fixed(expr.entries.length));
      }
      case 'struct': {
        const cost = expr.fields.reduce(
          (sum, { value }) => add(sum, this.estimate(value, locals).cost),
          fixed(structBase),
        );
        return this.#of(expr, cost, undefined, fixed(expr.fields.length));
      }
      case 'fold':
        return this.#fold(expr, locals);
    }
  }

  #variable(expr: Expr, name: string, locals: Locals): Estimate {
    const local = locals.get(name);
    if (local !== undefined) return { ...local, cost: fixed(1) };
    return this.#of(expr, fixed(1), this.#environment.variables.get(name)?.shape);
  }

  #call(expr: Call, locals: Locals): Estimate {
    const nodes =
      expr.target === undefined || this.#checked.isNamespaced(expr) ? expr.args : [expr.target, ...expr.args];
    const args = nodes.map((node) => this.estimate(node, locals));
    const sum = args.reduce((total, one) => add(total, one.cost), none);
    const [first, second, third] = args;
    switch (expr.name) {
      case '_&&_':
      case '_||_':
        return this.#of(expr, { min: first?.cost.min ?? 0, max: sum.max }, undefined);
      case '_?_:_': {
        const cost = add(first?.cost ?? none, union(second?.cost ?? none, third?.cost ?? none));
        const size = union(second?.size ?? none, third?.size ?? none);
        return this.#of(expr, cost, second?.shape, size, joined(second?.elementSize, third?.elementSize));
      }
      case '_?._': {
        const field = expr.args[1]?.kind === 'literal' ? String(expr.args[1].value) : '';
        return this.#of(expr, add(sum, fixed(1)), first?.shape?.field(field));
      }
      case 'dyn':
        return { ...(first ?? this.#of(expr, none, undefined)), cost: add(sum, fixed(1)) };
      default:
        return this.#function(expr, nodes, args, sum);
    }
  }

  #function(expr: Call, nodes: readonly Expr[], args: readonly Estimate[], sum: Range): Estimate {
    const given = nodes.map((node, index): ArgumentEstimate => {
      const { size = unknownSize, elementSize, shape } = args[index] ?? {};
      const type = this.#checked.typeOf(node);
      return {
        type,
        size,
        elementSize:
          elementSize ?? shape?.items?.size ?? (type.kind === 'list' ? sizeOfType(type.element) : unknownSize),
        literal: node.kind === 'literal' ? node.value : undefined,
      };
    });
    const estimates = this.#checked.overloadsOf(expr).map(({ cost }) => cost.estimate(given));
    const cost = estimates.map((one) => one.cost).reduce(union, estimates[0]?.cost ?? fixed(1));
    const sizes = estimates.flatMap(({ size }) => (size === undefined ? [] : [size]));
    const [base, key] = args;
    const isIndex = expr.name === '_[_]' || expr.name === '_[?_]';
    const shape = isIndex ? base?.shape?.items : undefined;
    const elementSize = expr.name === '_+_' ? joined(base?.elementSize, key?.elementSize) : undefined;
    const size = isIndex ? (shape?.size ?? base?.elementSize) : sizes.length === 0 ? undefined : sizes.reduce(union);
    return this.#of(expr, add(sum, cost), shape, size, elementSize);
  }

  #fold(expr: Comprehension, locals: Locals): Estimate {
    const range = this.estimate(expr.range, locals);
    const init = this.estimate(expr.accuInit, locals);
    const withAccu = new Map(locals).set(expr.accuVar, init);
    const inner = new Map(withAccu);
    for (const [name, part] of this.#iterated(expr, range)) inner.set(name, part);
    const condition = this.estimate(expr.condition, inner);
    const step = this.estimate(expr.step, inner);
    const result = this.estimate(expr.result, withAccu);
    const loop = times(range.size, add(condition.cost, step.cost));
    const cost = [range.cost, init.cost, result.cost, loop].reduce(add);
    const gathers = expr.accuInit.kind === 'list' || expr.accuInit.kind === 'map';
    const isBind = expr.range.kind === 'list' && expr.range.elements.length === 0;
    const size = isBind ? result.size : gathers ? { min: 0, max: range.size.max } : init.size;
    return this.#of(expr, cost, isBind ? result.shape : undefined, size, gathers ? step.elementSize : undefined);
  }

  #iterated(expr: Comprehension, { shape, elementSize }: Estimate): (readonly [string, Omit<Estimate, 'cost'>])[] {
    const type = this.#checked.typeOf(expr.range);
    const part = (of: CelType | undefined, at: Shape | undefined, made?: Range): Omit<Estimate, 'cost'> => ({
      size: at?.size ?? made ?? (of === undefined ? unknownSize : sizeOfType(of)),
      shape: at,
      elementSize: undefined,
    });
    const index = part({ kind: 'int' }, undefined);
    if (type.kind === 'list') {
      const item = part(type.element, shape?.items, elementSize);
      return expr.iterVar2 === undefined
        ? [[expr.iterVar, item]]
        : [
            [expr.iterVar, index],
            [expr.iterVar2, item],
          ];
    }
    const isMap = type.kind === 'map';
    const key = part(isMap ? type.key : undefined, shape?.keys);
    const value = part(isMap ? type.value : undefined, shape?.items);
    return expr.iterVar2 === undefined
      ? [[expr.iterVar, key]]
      : [
          [expr.iterVar, key],
          [expr.iterVar2, value],
        ];
  }
}

function joined(a: Range | undefined, b: Range | undefined): Range | undefined {
  return a === undefined ? b : b === undefined ? a : union(a, b);
}

/** Values of these types are of one size whatever they are. */
function sizeOfType(type: CelType): Range {
  return ['bool', 'int', 'uint', 'double', 'null', 'timestamp', 'duration', 'type', 'opaque'].includes(type.kind) &&
    !(type.kind === 'opaque' && type.name === 'optional_type')
    ? fixed(1)
    : unknownSize;
}

function literalSize(value: Value): Range {
  if (typeof value === 'string') return fixed(codePoints(value));
  return fixed(value instanceof Uint8Array ? value.length : 1);
}
