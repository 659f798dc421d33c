// What an expression may use: variables, functions, struct types. Immutable; extended by making another.
import { macros, macrosWithBindings, type MacroTable } from './macros.ts';
import type { Library, Overload, Range } from './overload.ts';
import type { CelType } from './types.ts';

/** How large the parts of a variable can be, as far as its schema bounds them. */
export interface Shape {
  readonly size: Range;
  field(name: string): Shape | undefined;
  readonly items: Shape | undefined;
  readonly keys: Shape | undefined;
}

/** A variable: its type and, for cost estimates, its shape. */
export interface Variable {
  readonly type: CelType;
  readonly shape?: Shape;
}

/** Everything that names in an expression can mean. */
export interface Environment {
  readonly variables: ReadonlyMap<string, Variable>;
  readonly functions: ReadonlyMap<string, readonly Overload[]>;
  readonly macros: MacroTable;
  /** The struct types that expressions may construct. */
  struct(name: string): CelType | undefined;
}

/** Builds an environment. */
export function createEnvironment(parts: {
  readonly variables: Readonly<Record<string, Variable>>;
  readonly libraries: readonly Library[];
  readonly struct?: (name: string) => CelType | undefined;
  /** Whether there is `cel.bind`; admission and CRDs have none. */
  readonly bindings?: boolean;
}): Environment {
  const functions = new Map<string, Overload[]>();
  for (const overload of parts.libraries.flat()) {
    const known = functions.get(overload.name);
    if (known === undefined) functions.set(overload.name, [overload]);
    else known.push(overload);
  }
  return {
    variables: new Map(Object.entries(parts.variables)),
    functions,
    macros: parts.bindings === true ? macrosWithBindings : macros,
    struct: parts.struct ?? (() => undefined),
  };
}

/** The same with other variables; function tables are shared. */
export function withVariables(
  environment: Environment,
  variables: Readonly<Record<string, Variable>>,
  struct = environment.struct,
): Environment {
  return { ...environment, struct, variables: new Map([...environment.variables, ...Object.entries(variables)]) };
}
