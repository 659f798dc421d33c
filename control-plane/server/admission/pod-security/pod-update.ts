// Which changes of a running pod can bring it out of a standard: its images, and containers that come to it. Pure.
import type { Pod } from '../../../../api/kinds/core/index.ts';

type Named = { readonly name: string; readonly image?: string };

/** Whether the update is judged; everything else about a pod's security cannot be changed. */
export function isSignificantUpdate({ spec: next }: Readonly<Pod>, { spec: previous }: Readonly<Pod>): boolean {
  return (
    differ(next.containers, previous.containers) ||
    differ(next.initContainers ?? [], previous.initContainers ?? []) ||
    (next.ephemeralContainers ?? []).some((container) => {
      const before = previous.ephemeralContainers?.find(({ name }) => name === container.name);
      return before === undefined || before.image !== container.image;
    })
  );
}

function differ(next: readonly Named[], previous: readonly Named[]): boolean {
  return next.length !== previous.length || next.some(({ image }, index) => image !== previous[index]?.image);
}
