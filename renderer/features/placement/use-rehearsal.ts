// The rehearsal on the map: changes that were thought of, the scheduler's answer to all of them together, and what of it
// can be applied. Nothing is done before `apply`.
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import type { ConsoleError, MapPod, NodeRow, WhatIf, WhatIfAnswer } from '../../../api/console/index.ts';
import { rehearsed, type Rehearsal } from '../../shell/rehearsal.ts';
import { useCommands } from '../../stores/commands.ts';

export interface RehearsalOnMap {
  readonly changes: Readonly<Ref<readonly WhatIf[]>>;
  readonly answer: Readonly<ShallowRef<WhatIfAnswer | undefined>>;
  readonly shown: ComputedRef<Rehearsal | undefined>;
  readonly busy: Readonly<Ref<boolean>>;
  readonly error: Readonly<Ref<ConsoleError | undefined>>;
  /** Adds a change, or puts it in the place of one about the same thing. */
  add(change: WhatIf): void;
  remove(index: number): void;
  discard(): void;
}

/** What a change is about: a second change about the same replaces the first. */
function subjectOf(change: WhatIf): string {
  if (change.type === 'node-added') return `added ${change.like}`;
  if (change.type === 'workload-scaled') return `${change.kind} ${change.namespace}/${change.name}`;
  if (change.type === 'remedy-applied') return `pod ${change.namespace}/${change.name}`;
  return `node ${change.node}`;
}

/** The rehearsal of one cluster over its present rows. */
export function useRehearsal(
  clusterId: () => string,
  nodes: () => readonly NodeRow[] | undefined,
  pods: () => readonly MapPod[] | undefined,
): RehearsalOnMap {
  const asking = useCommands();
  const changes = ref<readonly WhatIf[]>([]);
  const answer = shallowRef<WhatIfAnswer>();
  let asked = 0;

  async function ask(): Promise<void> {
    const own = ++asked;
    answer.value = undefined;
    if (changes.value.length === 0) return;
    const given = await asking.run('placement.whatIf', { clusterId: clusterId(), changes: changes.value });
    if (own === asked && given.ok) answer.value = given.value;
  }
  const set = (next: readonly WhatIf[]): void => {
    changes.value = next;
    void ask();
  };
  watch(clusterId, () => set([]));

  return {
    changes,
    answer,
    busy: asking.busy,
    error: asking.error,
    shown: computed(() => {
      const [found, nodeRows, podRows] = [answer.value, nodes(), pods()];
      return found && nodeRows && podRows && rehearsed(nodeRows, podRows, changes.value, found);
    }),
    add: (change) => set([...changes.value.filter((one) => subjectOf(one) !== subjectOf(change)), change]),
    remove: (index) => set(changes.value.filter((_change, at) => at !== index)),
    discard: () => set([]),
  };
}
