// Pods for screens that could show tens of thousands: windows into the sorted list, and packed rows for the map.
// Guarantees: a window is sent when what it shows has changed, and only then; the map's first picture comes in parts, as the table's does.
import { z } from 'zod';
import { packPods, podFilterOf, podFilters, podSorts, podTone, sortKey } from '../../../api/console/index.ts';
import type { PodFilter, PodPage, PodRow, PodSort, PodWindow } from '../../../api/console/index.ts';
import { clusterId, objectName } from '../commands/table.ts';
import { inCluster } from './in-cluster.ts';
import type { Order, OrderedView } from './ordered-view.ts';
import { standOnView } from './shared-views.ts';
import type { StreamTable } from './table.ts';

const mostRows = 500;

const rank = { bad: 0, warn: 1, busy: 2, idle: 3, good: 4 };
const keys: Readonly<Record<PodSort, (pod: PodRow) => string | number>> = {
  name: ({ name }) => sortKey(name),
  state: ({ state }) => rank[podTone[state]],
  namespace: ({ namespace }) => namespace,
  owner: ({ owner }) => sortKey(owner?.name ?? ''),
  node: ({ node }) => sortKey(node ?? ''),
  ready: ({ readyContainers }) => readyContainers,
  restarts: ({ restarts }) => restarts,
  age: ({ createdAt }) => -createdAt,
};

/** Whether every word occurs in what a pod can be found by. */
function found(pod: PodRow, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const { name, namespace, node = '', reason, ip = '', owner } = pod;
  const text = `${name} ${namespace} ${node} ${reason} ${ip} ${owner?.name ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The order that a window is cut from. */
export function podOrder({ filter, search = '', sort }: PodWindow, namespace: string | undefined): Order<PodRow> {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return {
    within: (pod) => namespace === undefined || pod.namespace === namespace,
    matches: (pod) => (filter === 'all' || podFilterOf(pod.state) === filter) && found(pod, words),
    keyOf: keys[sort.by],
    tieOf: ({ name }) => name,
    descending: sort.descending,
    groupOf: ({ state }) => podFilterOf(state),
  };
}

/** The page that a window shows; an offset behind the end shows the last rows. */
export function podPage(
  { rows = [], counts, total }: OrderedView<PodRow>,
  { offset, limit }: Pick<PodWindow, 'offset' | 'limit'>,
): PodPage {
  const start = Math.max(0, Math.min(offset, rows.length - limit));
  const countOf = (filter: PodFilter): number => (filter === 'all' ? total : (counts.get(filter) ?? 0));
  return {
    rows: rows.slice(start, start + limit),
    offset: start,
    matching: rows.length,
    counts: Object.fromEntries(podFilters.map((filter) => [filter, countOf(filter)])) as PodPage['counts'],
  };
}

function isSamePage(one: PodPage | undefined, other: PodPage): boolean {
  return (
    one !== undefined &&
    one.offset === other.offset &&
    one.matching === other.matching &&
    one.rows.length === other.rows.length &&
    one.rows.every((row, index) => row === other.rows[index]) &&
    podFilters.every((filter) => one.counts[filter] === other.counts[filter])
  );
}

const window = z.strictObject({
  filter: z.enum(podFilters),
  search: z.string().max(200).optional(),
  sort: z.strictObject({ by: z.enum(podSorts), descending: z.boolean() }),
  offset: z.number().int().min(0),
  limit: z.number().int().min(1).max(mostRows),
});

export const podWindowStreams: Pick<StreamTable, 'pods.window' | 'placement'> = {
  'pods.window': {
    payload: z.strictObject({ clusterId, namespace: objectName.optional(), window }),
    open: ({ clusterId: id, namespace, window: wanted }, emit, context) =>
      inCluster(context, id, emit, ({ rows }, deliver, refuse) => {
        let last: PodPage | undefined;
        let isDue = false;
        let isClosed = false;
        const send = (): void => {
          isDue = false;
          if (isClosed || view.rows === undefined) return;
          const page = podPage(view, wanted);
          if (!isSamePage(last, page)) deliver(page);
          last = page;
        };
        // What comes in parts is shown once.
        const sendSoon = (): void => {
          if (!isDue) queueMicrotask(send);
          isDue = true;
        };
        const { offset: _offset, limit: _limit, ...question } = wanted;
        const key = JSON.stringify([namespace, question]);
        const { view, leave } = standOnView(context.clock, rows.pods, key, () => podOrder(wanted, namespace), sendSoon);
        if (view.rows !== undefined) sendSoon();
        // The view hears of rows; of a refusal only a subscriber does.
        const stopRefusals = rows.pods.subscribe(
          () => false,
          () => undefined,
          refuse,
        );
        return () => {
          isClosed = true;
          leave();
          stopRefusals();
        };
      }),
  },
  placement: {
    payload: z.strictObject({ clusterId }),
    open: ({ clusterId: id }, emit, context) =>
      inCluster(context, id, emit, ({ rows }, deliver, refuse) =>
        rows.pods.subscribe(
          () => true,
          (change) => {
            if (change.kind === 'snapshot') deliver({ kind: 'snapshot', pods: packPods(change.rows) });
            else deliver({ kind: 'changes', pods: packPods(change.upserted), removed: change.removed });
          },
          refuse,
        ),
      ),
  },
};
