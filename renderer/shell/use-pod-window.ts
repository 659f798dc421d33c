// The part of a long list of pods that a table shows: asked for anew as it is scrolled, sorted or searched.
import { computed, ref, watch, type ComputedRef } from 'vue';
import type { PodFilter, PodPage, PodSort, PodWindow } from '../../api/console/index.ts';
import { useLiveWindow, type Live } from '../stores/live.ts';
import type { SortState } from '../ui/table-sort.ts';

export interface PodWindowState {
  readonly page: ComputedRef<PodPage | undefined>;
  readonly error: Live<unknown>['error'];
  /** For the table: which rows are in sight, and how they shall be sorted. */
  onSight(first: number, last: number): void;
  onSort(sort: SortState): void;
}

export interface PodQuestion {
  readonly clusterId: string;
  readonly namespace?: string;
  readonly filter?: PodFilter;
  readonly search?: string;
}

/** Rows asked for at once, and how near the end of them may come before others are asked for. */
const limit = 120;
const margin = 10;

/** Where the window shall begin so that these rows are well inside; as it is while they are. */
export function offsetFor(offset: number, first: number, last: number): number {
  const isInside = (offset === 0 || first >= offset + margin) && last <= offset + limit - margin;
  return isInside ? offset : Math.max(0, Math.round((first + last) / 2 - limit / 2));
}

/** The window of what is asked; it begins at the top again whenever the question changes. */
export function usePodWindow(question: () => PodQuestion): PodWindowState {
  const offset = ref(0);
  const sort = ref<PodWindow['sort']>({ by: 'name', descending: false });
  watch(
    () => JSON.stringify([question(), sort.value]),
    () => (offset.value = 0),
    { flush: 'sync' },
  );
  const { data, error } = useLiveWindow('pods.window', () => {
    const { clusterId, namespace, filter = 'all', search } = question();
    const window = {
      filter,
      search: search?.slice(0, 200) || undefined,
      sort: sort.value,
      offset: offset.value,
      limit,
    };
    return { clusterId, namespace, window };
  });
  return {
    page: computed(() => data.value),
    error,
    onSight: (first, last) => void (offset.value = offsetFor(offset.value, first, last)),
    onSort: ({ column, descending }) => void (sort.value = { by: column as PodSort, descending }),
  };
}
