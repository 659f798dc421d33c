// What a pod asks of its node: resource name → amount (processor in thousandths, the rest in units). Pure; upstream's
// PodRequests: init containers run before the others, so their peak counts; sidecars run beside them; overhead is added.
import type { Container, Pod } from '../../../api/kinds/core/index.ts';
import { quantityToMilli, quantityToNumber } from '../../../api/meta/quantity.ts';

export type Amounts = ReadonlyMap<string, number>;

type Quantities = Readonly<Record<string, string | number>> | undefined;

/** Resources that a request at the level of the pod may stand in for. */
const podLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

export function amountsOf(list: Quantities): Amounts {
  return new Map(
    Object.entries(list ?? {}).map(([name, value]) => [
      name,
      name === 'cpu' ? quantityToMilli(value) : quantityToNumber(value),
    ]),
  );
}

/** A container's requests; a limit stands in for a request that is not there. */
export function requestsOf({ resources }: Container): Amounts {
  return new Map([...amountsOf(resources?.limits), ...amountsOf(resources?.requests)]);
}

export function podRequests(pod: Readonly<Pod>): Amounts {
  return podAmounts(pod, requestsOf, pod.spec.resources?.requests);
}

/** What the pod may use at most; only of those resources that its containers limit. */
export function podLimits(pod: Readonly<Pod>): Amounts {
  return podAmounts(pod, ({ resources }) => amountsOf(resources?.limits), pod.spec.resources?.limits);
}

function podAmounts(
  pod: Readonly<Pod>,
  amountsOfContainer: (container: Container) => Amounts,
  whole: Quantities,
): Amounts {
  const { containers, initContainers = [], overhead } = pod.spec;
  let together: Amounts = containers.map(amountsOfContainer).reduce(sum, new Map());
  let sidecars: Amounts = new Map();
  let peak: Amounts = new Map();
  for (const container of initContainers) {
    const own = amountsOfContainer(container);
    if (container.restartPolicy === 'Always') {
      together = sum(together, own);
      sidecars = sum(sidecars, own);
      peak = most(peak, sidecars);
    } else {
      peak = most(peak, sum(sidecars, own));
    }
  }
  const ofPod = [...amountsOf(whole)].filter(([name]) => podLevel(name));
  return sum(new Map([...most(together, peak), ...ofPod]), amountsOf(overhead));
}

function sum(a: Amounts, b: Amounts): Amounts {
  return merge(a, b, (x, y) => x + y);
}

function most(a: Amounts, b: Amounts): Amounts {
  return merge(a, b, Math.max);
}

function merge(a: Amounts, b: Amounts, combine: (x: number, y: number) => number): Amounts {
  const result = new Map(a);
  for (const [name, amount] of b) result.set(name, combine(result.get(name) ?? 0, amount));
  return result;
}
