// The macros: calls that become other expressions while parsing. All of them expand to folds, selects and conditionals,
// as the specification defines them, so that checker, cost model and interpreter know no macro.
import { CelSyntaxError, type Call, type Comprehension, type Expr, type Literal } from './ast.ts';
import { bool, int, type CelType } from './types.ts';
import type { Value } from './values.ts';

/** A call that may be a macro. */
export interface MacroCall {
  readonly name: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
  readonly at: number;
}

/** Expands a call, or answers undefined when it is an ordinary one. */
export interface MacroTable {
  expand(call: MacroCall): Expr | undefined;
}

/** Expands one macro whose shape (name, member or not, number of arguments) matches. */
export type Macro = (call: MacroCall & { readonly target: Expr }) => Expr;

/** A call node. */
export function call(at: number, name: string, ...args: Expr[]): Call {
  return { kind: 'call', name, target: undefined, args, at };
}

/** A member call node. */
export function member(at: number, target: Expr, name: string, ...args: Expr[]): Call {
  return { kind: 'call', name, target, args, at };
}

/** A literal node. */
export function literal(at: number, value: Value, type: CelType): Literal {
  return { kind: 'literal', value, type, at };
}

export const ident = (at: number, name: string): Expr => ({ kind: 'ident', name, at });

/** The hidden variable in which folds gather their result. */
export const accumulator = '@result';

const accu = (at: number): Expr => ident(at, accumulator);
const no = (at: number): Expr => literal(at, false, bool);
const yes = (at: number): Expr => literal(at, true, bool);
const emptyList = (at: number): Expr => ({ kind: 'list', elements: [], optional: new Set(), at });
const emptyMap = (at: number): Expr => ({ kind: 'map', entries: [], at });
const listOf = (at: number, element: Expr): Expr => ({ kind: 'list', elements: [element], optional: new Set(), at });

function nameOf(expr: Expr | undefined): string {
  if (expr?.kind === 'ident' && expr.name !== accumulator && expr.name !== '__result__') return expr.name;
  throw new CelSyntaxError(expr?.at ?? 0, 'argument must be a simple name');
}

/** The parts of a fold over the target of a macro with one or two variables. */
function fold(
  { target, args, at }: MacroCall & { readonly target: Expr },
  variables: 1 | 2,
  parts: { init: Expr; condition?: Expr; step: Expr; result?: Expr },
): Comprehension {
  const iterVar = nameOf(args[0]);
  const iterVar2 = variables === 2 ? nameOf(args[1]) : undefined;
  if (iterVar === iterVar2) throw new CelSyntaxError(args[1]?.at ?? at, `duplicate variable name: ${iterVar}`);
  return {
    kind: 'fold',
    range: target,
    iterVar,
    iterVar2,
    accuVar: accumulator,
    accuInit: parts.init,
    condition: parts.condition ?? yes(at),
    step: parts.step,
    result: parts.result ?? accu(at),
    at,
  };
}

const lastOf = ({ args }: MacroCall): Expr => args.at(-1) as Expr;

const all =
  (variables: 1 | 2): Macro =>
  (macro) =>
    fold(macro, variables, {
      init: yes(macro.at),
      condition: call(macro.at, '@not_strictly_false', accu(macro.at)),
      step: call(macro.at, '_&&_', accu(macro.at), lastOf(macro)),
    });

const exists =
  (variables: 1 | 2): Macro =>
  (macro) =>
    fold(macro, variables, {
      init: no(macro.at),
      condition: call(macro.at, '@not_strictly_false', call(macro.at, '!_', accu(macro.at))),
      step: call(macro.at, '_||_', accu(macro.at), lastOf(macro)),
    });

const existsOne =
  (variables: 1 | 2): Macro =>
  (macro) => {
    const { at } = macro;
    const one = literal(at, 1n, int);
    return fold(macro, variables, {
      init: literal(at, 0n, int),
      step: call(at, '_?_:_', lastOf(macro), call(at, '_+_', accu(at), one), accu(at)),
      result: call(at, '_==_', accu(at), one),
    });
  };

/** Adds to the accumulator when there is a filter, only where it holds. */
function gather(
  macro: MacroCall & { readonly target: Expr },
  variables: 1 | 2,
  filter: Expr | undefined,
  element: Expr,
): Expr {
  const { at } = macro;
  const added = call(at, '_+_', accu(at), listOf(at, element));
  const step = filter === undefined ? added : call(at, '_?_:_', filter, added, accu(at));
  return fold(macro, variables, { init: emptyList(at), step });
}

const filter: Macro = (macro) => gather(macro, 1, lastOf(macro), ident(macro.at, nameOf(macro.args[0])));

const mapMacro: Macro = (macro) => gather(macro, 1, macro.args.length === 3 ? macro.args[1] : undefined, lastOf(macro));

const transformList: Macro = (macro) =>
  gather(macro, 2, macro.args.length === 4 ? macro.args[2] : undefined, lastOf(macro));

const transformMap =
  (isEntry: boolean): Macro =>
  (macro) => {
    const { at, args } = macro;
    const value = lastOf(macro);
    const added = isEntry
      ? call(at, 'cel.@mapInsert', accu(at), value)
      : call(at, 'cel.@mapInsert', accu(at), ident(at, nameOf(args[0])), value);
    const condition = args.length === 4 ? args[2] : undefined;
    const step = condition === undefined ? added : call(at, '_?_:_', condition, added, accu(at));
    return fold(macro, 2, { init: emptyMap(at), step });
  };

/** `name` bound to a value while an expression is evaluated: a fold over nothing. */
function bind(at: number, name: string, value: Expr, expression: Expr): Expr {
  return {
    kind: 'fold',
    range: emptyList(at),
    iterVar: '#unused',
    iterVar2: undefined,
    accuVar: name,
    accuInit: value,
    condition: no(at),
    step: ident(at, name),
    result: expression,
    at,
  };
}

/** `opt.optMap(v, e)`: e of the value when there is one. */
const optMap =
  (isFlat: boolean): Macro =>
  ({ target, args, at }) => {
    const bound = bind(at, nameOf(args[0]), member(at, target, 'value'), args[1] as Expr);
    const present = isFlat ? bound : member(at, ident(at, 'optional'), 'of', bound);
    return call(at, '_?_:_', member(at, target, 'hasValue'), present, member(at, ident(at, 'optional'), 'none'));
  };

const members: Readonly<Record<string, Macro>> = {
  'all/2': all(1),
  'all/3': all(2),
  'exists/2': exists(1),
  'exists/3': exists(2),
  'exists_one/2': existsOne(1),
  'existsOne/2': existsOne(1),
  'existsOne/3': existsOne(2),
  'filter/2': filter,
  'map/2': mapMacro,
  'map/3': mapMacro,
  'transformList/3': transformList,
  'transformList/4': transformList,
  'transformMap/3': transformMap(false),
  'transformMap/4': transformMap(false),
  'transformMapEntry/3': transformMap(true),
  'transformMapEntry/4': transformMap(true),
  'optMap/2': optMap(false),
  'optFlatMap/2': optMap(true),
  'sortBy/2': ({ target, args, at }) => {
    const keys = members['map/2']?.({ name: 'map', target, args, at }) as Expr;
    return member(at, target, '@sortByAssociatedKeys', keys);
  },
};

/** The same with `cel.bind(name, value, expression)`, which some environments have. */
export const macrosWithBindings: MacroTable = {
  expand(macro) {
    const { name, target, args, at } = macro;
    const isBind = name === 'bind' && target?.kind === 'ident' && target.name === 'cel' && args.length === 3;
    return isBind ? bind(at, nameOf(args[0]), args[1] as Expr, args[2] as Expr) : macros.expand(macro);
  },
};

/** The macros of Kubernetes' environment. */
export const macros: MacroTable = {
  expand(macro) {
    const { name, target, args, at } = macro;
    if (target === undefined) return name === 'has' && args.length === 1 ? has(args[0], at) : undefined;
    return Object.hasOwn(members, `${name}/${args.length}`)
      ? members[`${name}/${args.length}`]?.({ ...macro, target })
      : undefined;
  },
};

function has(argument: Expr | undefined, at: number): Expr {
  if (argument?.kind === 'select') return { ...argument, isTest: true, at };
  throw new CelSyntaxError(argument?.at ?? at, 'invalid argument to has() macro');
}
