// Policies with their bindings, compiled when first asked for after a change, in short turns: whoever asks meanwhile waits.
import type { KubernetesObject } from '../../../../api/meta/object-meta.ts';
import type { Resident } from '../../residents/resident.ts';
import type { Compiler } from './compiler.ts';

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

/** Answers all bound policies of the moment it is called, by the names of policies and bindings. */
export function followBound<Policy extends KubernetesObject, B extends Binding, Compiled>(
  policies: Resident<Policy>,
  bindings: Resident<B>,
  compiler: Pick<Compiler<Readonly<Policy>, Compiled>, 'prepare'>,
): () => Promise<readonly Bound<Policy, B, Compiled>[]> {
  const compiled = new WeakMap<Readonly<Policy>, Compiled>();
  let generation = '';
  let bound: Promise<readonly Bound<Policy, B, Compiled>[]> = Promise.resolve([]);
  const byName = (a: KubernetesObject, b: KubernetesObject): number => (a.metadata.name < b.metadata.name ? -1 : 1);
  const compiledOf = async (policy: Readonly<Policy>): Promise<Compiled> => {
    let known = compiled.get(policy);
    if (known === undefined) compiled.set(policy, (known = await compiler.prepare(policy)));
    return known;
  };
  const bind = async (): Promise<readonly Bound<Policy, B, Compiled>[]> => {
    const [sorted, all] = [[...bindings.list()].sort(byName), [...policies.list()].sort(byName)];
    const found: Bound<Policy, B, Compiled>[] = [];
    for (const policy of all) {
      const own = sorted.filter(({ spec }) => spec.policyName === policy.metadata.name);
      if (own.length === 0) continue;
      const ready = await compiledOf(policy);
      found.push(...own.map((binding) => ({ policy, binding, compiled: ready })));
    }
    return found;
  };
  return () => {
    const now = `${policies.generation} ${bindings.generation}`;
    if (now !== generation) {
      generation = now;
      bound = bind();
    }
    return bound;
  };
}
