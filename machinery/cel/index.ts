// The Common Expression Language, in Kubernetes' environment.
export { Budget, CelError, CostExceeded } from './budget.ts';
export { compileExpression, perCallLimit, type Compilation, type Program } from './compile.ts';
export { constant, scale, scan } from './cost-models.ts';
export { createEnvironment, withVariables, type Environment, type Shape, type Variable } from './environment.ts';
export { anyJson, fromJson, valueMap, type JsonField, type JsonType } from './json-values.ts';
export { kubernetesLibraries } from './library/index.ts';
export { parseSemver, SemverValue, semverType } from './library/semvers.ts';
export { QuantityValue, quantityType } from './library/quantities.ts';
export { fn, method, type CallCost, type Library, type Range } from './overload.ts';
export { createMatcher } from './regex.ts';
export { toJson } from './to-json.ts';
export { typeOfValue } from './runtime-types.ts';
export * as types from './types.ts';
export type { CelType } from './types.ts';
export {
  ArrayList,
  Duration,
  EntryMap,
  ListValue,
  MapValue,
  Opaque,
  Optional,
  StructValue,
  Timestamp,
  Uint,
  type Value,
} from './values.ts';
