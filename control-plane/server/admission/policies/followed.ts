// Policies with their bindings, compiled when first asked for after a change.
import type { KubernetesObject } from '../../../../api/meta/object-meta.ts';
import type { Resident } from '../../residents/resident.ts';

/** A binding of either kind. */
interface Binding extends KubernetesObject {
  readonly spec: { readonly policyName?: string };
}

/** One policy at work. */
export interface Bound<Policy, B, Compiled> {
  readonly policy: Readonly<Policy>;
  readonly binding: Readonly<B>;
  readonly compiled: Compiled;
}

/** Answers all bound policies, by the names of policies and bindings. */
export function followBound<Policy extends KubernetesObject, B extends Binding, Compiled>(
  policies: Resident<Policy>,
  bindings: Resident<B>,
  compile: (policy: Readonly<Policy>) => Compiled,
): () => readonly Bound<Policy, B, Compiled>[] {
  const compiled = new WeakMap<Readonly<Policy>, Compiled>();
  let generation = '';
  let bound: readonly Bound<Policy, B, Compiled>[] = [];
  const byName = (a: KubernetesObject, b: KubernetesObject): number => (a.metadata.name < b.metadata.name ? -1 : 1);
  return () => {
    const now = `${policies.generation} ${bindings.generation}`;
    if (now === generation) return bound;
    generation = now;
    const sorted = [...bindings.list()].sort(byName);
    bound = [...policies.list()].sort(byName).flatMap((policy) =>
      sorted
        .filter(({ spec }) => spec.policyName === policy.metadata.name)
        .map((binding) => {
          let known = compiled.get(policy);
          if (known === undefined) compiled.set(policy, (known = compile(policy)));
          return { policy, binding, compiled: known };
        }),
    );
    return bound;
  };
}
