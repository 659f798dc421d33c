// Type-checks a tree: every name resolved, every call matched with the overloads that can take it. Faults are gathered,
// so that an author sees them all at once. The algorithm is the specification's: overloads with type parameters that
// are bound by unification.
import type { Call, Comprehension, Expr, Issue, ListExpr, MapExpr, Select, StructExpr } from './ast.ts';
import type { Environment } from './environment.ts';
import type { Overload } from './overload.ts';
import { qualifiedName } from './parser.ts';
import {
  bool,
  bytes,
  double,
  duration,
  dyn,
  faulty,
  formatType,
  int,
  list,
  map,
  nothing,
  opaque,
  optional,
  param,
  text,
  timestamp,
  typeOf,
  uint,
  type CelType,
} from './types.ts';
import { isAssignable, joinTypes, substitute, type Bindings } from './unify.ts';
import type { Value } from './values.ts';

/** What checking found out, by node. */
export interface Checked {
  readonly expr: Expr;
  readonly type: CelType;
  readonly issues: readonly Issue[];
  typeOf(expr: Expr): CelType;
  /** The overloads that a call may come down to. */
  overloadsOf(call: Call): readonly Overload[];
  /** Whether the target of a call is part of the function's name. */
  isNamespaced(call: Call): boolean;
  /** The variable or type that an identifier, or a chain of selections, stands for. */
  referenceOf(expr: Expr): Reference | undefined;
  /** The environment's variables that are read. */
  readonly variables: ReadonlySet<string>;
}

export type Reference = { readonly variable: string } | { readonly type: CelType };

const typeNames: Readonly<Record<string, CelType>> = {
  bool,
  int,
  uint,
  double,
  string: text,
  bytes,
  null_type: nothing,
  list: list(dyn),
  map: map(dyn, dyn),
  type: typeOf(dyn),
  optional_type: optional(dyn),
  'google.protobuf.Timestamp': timestamp,
  'google.protobuf.Duration': duration,
  'net.IP': opaque('net.IP'),
  'net.CIDR': opaque('net.CIDR'),
};

/** Checks a tree against an environment. */
export function check(expr: Expr, environment: Environment): Checked {
  return new Checker(environment).run(expr);
}

class Checker {
  readonly #environment: Environment;
  readonly #issues: Issue[] = [];
  readonly #bindings: Bindings = new Map();
  readonly #types = new Map<Expr, CelType>();
  readonly #overloads = new Map<Expr, readonly Overload[]>();
  readonly #namespaced = new Set<Expr>();
  readonly #references = new Map<Expr, Reference>();
  #locals: ReadonlyMap<string, CelType> = new Map();
  readonly #variables = new Set<string>();
  /** Inside the arguments of format(), where lists may be of anything. */
  #mayMix = false;
  #fresh = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  run(expr: Expr): Checked {
    const type = substitute(this.#bindings, this.#check(expr), true);
    return {
      expr,
      type,
      issues: this.#issues,
      typeOf: (node) => substitute(this.#bindings, this.#types.get(node) ?? dyn, true),
      overloadsOf: (node) => this.#overloads.get(node) ?? [],
      isNamespaced: (node) => this.#namespaced.has(node),
      referenceOf: (node) => this.#references.get(node),
      variables: this.#variables,
    };
  }

  #report(at: number, message: string): CelType {
    this.#issues.push({ at, message });
    return faulty;
  }

  #check(expr: Expr): CelType {
    const type = this.#judge(expr);
    this.#types.set(expr, type);
    return type;
  }

  #judge(expr: Expr): CelType {
    switch (expr.kind) {
      case 'literal':
        return expr.type;
      case 'ident':
        return this.#name(expr, expr.name) ?? this.#undeclared(expr.at, expr.name);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return this.#struct(expr);
      case 'fold':
        return this.#fold(expr);
    }
  }

  #undeclared(at: number, name: string): CelType {
    return this.#report(at, `undeclared reference to '${name}' (in container '')`);
  }

  #name(expr: Expr, name: string): CelType | undefined {
    const local = this.#locals.get(name);
    const found = local ?? this.#environment.variables.get(name)?.type;
    if (found !== undefined) {
      this.#references.set(expr, { variable: name });
      if (local === undefined) this.#variables.add(name);
      return found;
    }
    const type = Object.hasOwn(typeNames, name) ? typeNames[name] : this.#environment.struct(name);
    if (type === undefined) return undefined;
    this.#references.set(expr, { type });
    return typeOf(type);
  }

  #select(expr: Select): CelType {
    const name = expr.isTest ? undefined : qualifiedName(expr);
    // A whole chain of names may be a variable (`authorizer.requestResource`) unless it begins with a local one.
    if (name !== undefined && !this.#locals.has(name.slice(0, name.indexOf('.')))) {
      const known = this.#name(expr, name);
      if (known !== undefined) return known;
    }
    const type = this.#field(this.#check(expr.operand), expr.field, expr.at);
    return expr.isTest ? bool : type;
  }

  #field(operand: CelType, field: string, at: number): CelType {
    const type = substitute(this.#bindings, operand);
    switch (type.kind) {
      case 'dyn':
      case 'param':
        return dyn;
      case 'error':
        return faulty;
      case 'map':
        return type.value;
      case 'object':
        return type.fields(field) ?? this.#report(at, `undefined field '${field}'`);
      case 'opaque':
        if (type.name === 'optional_type') return optional(this.#field(type.parameters[0] ?? dyn, field, at));
        break;
      default:
    }
    return this.#report(at, `type '${formatType(type)}' does not support field selection`);
  }

  #call(expr: Call): CelType {
    const { name, target, args, at } = expr;
    if (name === '_?._') return this.#optionalSelect(expr);
    if (target !== undefined) {
      const prefix = qualifiedName(target);
      const root = prefix?.split('.')[0] ?? '';
      const full = `${prefix}.${name}`;
      if (prefix !== undefined && !this.#locals.has(root) && this.#functions(full, false).length > 0) {
        this.#namespaced.add(expr);
        return this.#resolve(expr, full, this.#functions(full, false), args, false);
      }
    }
    const candidates = this.#functions(name, target !== undefined);
    if (this.#environment.functions.get(name) === undefined) {
      for (const one of target === undefined ? args : [target, ...args]) this.#check(one);
      return this.#undeclared(at, name);
    }
    return this.#resolve(expr, name, candidates, target === undefined ? args : [target, ...args], target !== undefined);
  }

  #functions(name: string, isMember: boolean): readonly Overload[] {
    return (this.#environment.functions.get(name) ?? []).filter((overload) => overload.isMember === isMember);
  }

  #resolve(
    expr: Call,
    name: string,
    candidates: readonly Overload[],
    args: readonly Expr[],
    isMember: boolean,
  ): CelType {
    const couldMix = this.#mayMix;
    this.#mayMix = name === 'format';
    const given = args.map((arg) => this.#check(arg));
    this.#mayMix = couldMix;
    const matching: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of candidates) {
      if (overload.args.length !== given.length) continue;
      const fresh = this.#instance([...overload.args, overload.result]);
      const trial = new Map(this.#bindings);
      if (!given.every((type, index) => isAssignable(trial, fresh[index] ?? dyn, type))) continue;
      if (matching.length === 0) for (const [key, value] of trial) this.#bindings.set(key, value);
      matching.push(overload);
      const type = substitute(trial, fresh.at(-1) ?? dyn);
      if (result === undefined) result = type;
      else if (formatType(substitute(this.#bindings, result)) !== formatType(type)) result = dyn;
    }
    this.#overloads.set(expr, matching);
    if (result === undefined) {
      if (given.some((type) => type.kind === 'error')) return faulty;
      const shown = given.map((type) => formatType(substitute(this.#bindings, type, true)));
      const applied = isMember ? `'${shown[0]}.(${shown.slice(1).join(', ')})'` : `'(${shown.join(', ')})'`;
      return this.#report(expr.at, `found no matching overload for '${name}' applied to ${applied}`);
    }
    this.#checkLiterals(expr, matching, args);
    return result;
  }

  #checkLiterals({ at }: Call, matching: readonly Overload[], args: readonly Expr[]): void {
    const [only, second] = matching;
    if (only?.checkLiterals === undefined || second !== undefined) return;
    const values = args.map((arg): Value | undefined => (arg.kind === 'literal' ? arg.value : undefined));
    const fault = only.checkLiterals(values);
    if (fault !== undefined) this.#report(args.at(-1)?.at ?? at, fault);
  }

  /** Types with type parameters of their own, so that two calls of one overload do not bind each other's. */
  #instance(types: readonly CelType[]): CelType[] {
    const names: Bindings = new Map();
    const rename = (type: CelType): void => {
      if (type.kind === 'param' && !names.has(type.name)) names.set(type.name, param(`${type.name}%${++this.#fresh}`));
      if (type.kind === 'list') rename(type.element);
      if (type.kind === 'map') [type.key, type.value].forEach(rename);
      if (type.kind === 'opaque') type.parameters.forEach(rename);
      if (type.kind === 'type') rename(type.of);
    };
    types.forEach(rename);
    return names.size === 0 ? [...types] : types.map((type) => substitute(names, type));
  }

  #optionalSelect({ args: [operand, field], at }: Call): CelType {
    if (operand === undefined || field?.kind !== 'literal') return faulty;
    this.#check(field);
    const type = this.#field(this.#check(operand), String(field.value), at);
    return type.kind === 'opaque' && type.name === 'optional_type' ? type : optional(type);
  }

  /** The common type of what a literal contains; mixed types are a fault. */
  #joined(common: CelType | undefined, type: CelType, at: number): CelType {
    if (common === undefined) return type;
    const joined = joinTypes(this.#bindings, common, type);
    const isMixed = joined.kind === 'dyn' && common.kind !== 'dyn' && type.kind !== 'dyn';
    if (isMixed && !this.#mayMix && type.kind !== 'error' && common.kind !== 'error') {
      const [wanted, found] = [common, type].map((one) => formatType(substitute(this.#bindings, one)));
      this.#report(at, `expected type '${wanted}' but found '${found}'`);
    }
    return joined;
  }

  /** What an element or value written `?e` holds. */
  #unwrapped(expr: Expr, isOptional: boolean): CelType {
    const type = this.#check(expr);
    if (!isOptional) return type;
    const inner = this.#instance([param('O')])[0] ?? dyn;
    if (isAssignable(this.#bindings, optional(inner), type)) return inner;
    return this.#report(expr.at, `expected type 'optional_type' but found '${formatType(type)}'`);
  }

  #list({ elements, optional: present }: ListExpr): CelType {
    let common: CelType | undefined;
    elements.forEach((element, index) => {
      common = this.#joined(common, this.#unwrapped(element, present.has(index)), element.at);
    });
    return list(common ?? this.#instance([param('E')])[0] ?? dyn);
  }

  #map({ entries }: MapExpr): CelType {
    let key: CelType | undefined;
    let value: CelType | undefined;
    for (const entry of entries) {
      key = this.#joined(key, this.#check(entry.key), entry.key.at);
      value = this.#joined(value, this.#unwrapped(entry.value, entry.isOptional), entry.value.at);
    }
    const [freshKey = dyn, freshValue = dyn] = this.#instance([param('K'), param('V')]);
    return map(key ?? freshKey, value ?? freshValue);
  }

  #struct({ name, fields, at }: StructExpr): CelType {
    const type = this.#environment.struct(name);
    if (type?.kind !== 'object') {
      for (const { value } of fields) this.#check(value);
      return this.#undeclared(at, name);
    }
    for (const field of fields) {
      const given = this.#unwrapped(field.value, field.isOptional);
      const wanted = type.fields(field.name);
      if (wanted === undefined) this.#report(field.at, `undefined field '${field.name}'`);
      else if (!isAssignable(this.#bindings, wanted, given))
        this.#report(
          field.at,
          `expected type of field '${field.name}' is '${formatType(wanted)}' but provided type is '${formatType(substitute(this.#bindings, given))}'`,
        );
    }
    return type;
  }

  #fold(expr: Comprehension): CelType {
    const range = substitute(this.#bindings, this.#check(expr.range));
    const accu = this.#check(expr.accuInit);
    const [first, second] = this.#iterated(range, expr);
    const outer = this.#locals;
    const withAccu = new Map([...outer, [expr.accuVar, accu]]);
    this.#locals = new Map([
      ...withAccu,
      [expr.iterVar, first],
      ...(expr.iterVar2 === undefined ? [] : ([[expr.iterVar2, second]] as const)),
    ]);
    this.#expect(expr.condition, bool);
    this.#expect(expr.step, accu);
    this.#locals = withAccu;
    const result = this.#check(expr.result);
    this.#locals = outer;
    return substitute(this.#bindings, result);
  }

  #iterated(range: CelType, { range: expr, iterVar2 }: Comprehension): readonly [CelType, CelType] {
    switch (range.kind) {
      case 'list':
        return iterVar2 === undefined ? [range.element, dyn] : [int, range.element];
      case 'map':
        return [range.key, range.value];
      case 'dyn':
      case 'error':
      case 'param':
        return [range.kind === 'error' ? faulty : dyn, dyn];
      default: {
        const type = formatType(range);
        const fault = this.#report(
          expr.at,
          `expression of type '${type}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [fault, fault];
      }
    }
  }

  #expect(expr: Expr, wanted: CelType): void {
    const type = this.#check(expr);
    if (isAssignable(this.#bindings, wanted, type)) return;
    const [to, from] = [wanted, type].map((one) => formatType(substitute(this.#bindings, one)));
    this.#report(expr.at, `expected type '${to}' but found '${from}'`);
  }
}
