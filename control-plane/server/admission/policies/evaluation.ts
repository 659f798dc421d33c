// Evaluates the expressions of one policy on one request: the variables that they see, one budget for all of them, and
// authorization decisions that have to be waited for.
import type { KubernetesObject } from '../../../../api/meta/object-meta.ts';
import {
  Budget,
  CelError,
  CostExceeded,
  fromJson,
  MapValue,
  perCallLimit,
  type Program,
  type Value,
} from '../../../../machinery/cel/index.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import { requestOf } from '../../webhooks/admission-review.ts';
import { nameOf, type AdmissionRequest } from '../admission.ts';
import { AuthorizerValue, Decisions, PendingDecision, ResourceCheck } from './authorizer-library.ts';
import type { Compiled, CompiledParts } from './compile.ts';
import { namespaceType, requestType } from './environment.ts';

/** What the expressions of one policy may cost together for one request. */
export const policyLimit = 10_000_000;
/** What match conditions may. */
export const conditionLimit = 2_500_000;
const mostDecisions = 20;

/** The facts of a request, as expressions see them; made once for all policies. */
export interface Facts {
  readonly request: AdmissionRequest;
  readonly namespaceObject: Readonly<KubernetesObject> | undefined;
  readonly decisions: Decisions;
}

/** Gathers the facts. */
export function factsOf(
  request: AdmissionRequest,
  namespaceObject: Readonly<KubernetesObject> | undefined,
  authorizer: Authorizer,
): Facts {
  return { request, namespaceObject, decisions: new Decisions(authorizer) };
}

/** Runs expressions on the facts and, for policies with parameters, one parameter object. */
export interface Evaluation {
  /** The value; throws an Error (never a PendingDecision) that says why there is none. */
  run(compiled: Compiled): Promise<Value>;
}

/** Starts the evaluation of a policy; variables are evaluated when first read, and once. */
export function createEvaluation(facts: Facts, parts: CompiledParts, params: unknown, limit = policyLimit): Evaluation {
  const { request, decisions } = facts;
  const cache = new Map<string, Value>();
  const known = new Map<string, Value | CelError>();
  let spent = 0;
  const make: Readonly<Record<string, () => Value>> = {
    object: () => fromJson(request.object),
    oldObject: () => fromJson(request.previous),
    request: () => fromJson(requestOf(request), requestType),
    params: () => fromJson(params),
    namespaceObject: () => fromJson(facts.namespaceObject, namespaceType),
    authorizer: () => new AuthorizerValue({ decisions, user: request.user }),
    'authorizer.requestResource': () => requestResource(decisions, request),
    variables: () => new LazyVariables(variable),
  };
  const resolve = (name: string): Value | undefined => {
    let value = cache.get(name);
    if (value === undefined && Object.hasOwn(make, name)) cache.set(name, (value = make[name]?.() ?? null));
    return value;
  };
  const evaluate = (program: Program): Value => {
    const budget = new Budget(Math.min(perCallLimit, limit - spent));
    try {
      return program.evaluate(resolve, budget);
    } finally {
      spent += budget.spent;
    }
  };
  const variable = (name: string): Value => {
    let value = known.get(name);
    if (value === undefined) {
      const compiled = parts.variables.get(name);
      if (compiled?.program === undefined) throw new CelError(compiled?.fault ?? `no such key: ${name}`);
      try {
        value = evaluate(compiled.program);
      } catch (error) {
        if (!(error instanceof CelError)) throw error;
        value = new CelError(`composited variable "${name}" fails to evaluate: ${error.message}`);
      }
      known.set(name, value);
    }
    if (value instanceof CelError) throw value;
    return value;
  };
  return {
    async run({ program, fault }) {
      if (program === undefined) throw new CelError(fault ?? 'the expression does not compile');
      for (let attempt = 0; ; attempt++) {
        const before = spent;
        try {
          return evaluate(program);
        } catch (error) {
          if (error instanceof CostExceeded)
            throw new Error(
              limit - spent <= 0
                ? 'validation failed due to running out of cost budget, no further validation rules will be run'
                : error.message,
              { cause: error },
            );
          if (!(error instanceof PendingDecision) || attempt >= mostDecisions) throw error;
          await error.settled;
          // What was evaluated for nothing is not held against the policy.
          spent = before;
        }
      }
    },
  };
}

function requestResource(decisions: Decisions, request: AdmissionRequest): ResourceCheck {
  const { user, definition, subresource, namespace } = request;
  const target = {
    group: definition.group,
    resource: definition.plural,
    subresource,
    namespace,
    name: nameOf(request),
  };
  return new ResourceCheck({ asker: { decisions, user }, target });
}

/** `variables`: every field is evaluated when it is read. */
class LazyVariables extends MapValue {
  readonly #read: (name: string) => Value;
  constructor(read: (name: string) => Value) {
    super();
    this.#read = read;
  }
  get size(): number {
    return 0;
  }
  get(key: Value): Value | undefined {
    return typeof key === 'string' ? this.#read(key) : undefined;
  }
  *keys(): Generator<Value> {}
}

/**
 * Whether all match conditions hold. One that is false decides, whatever others say; otherwise the first that fails
 * is thrown.
 */
export async function conditionsHold(
  evaluation: Evaluation,
  conditions: CompiledParts['conditions'],
): Promise<boolean> {
  let failure: Error | undefined;
  for (const condition of conditions) {
    try {
      if ((await evaluation.run(condition)) !== true) return false;
    } catch (error) {
      failure ??= error as Error;
    }
  }
  if (failure !== undefined) throw failure;
  return true;
}
