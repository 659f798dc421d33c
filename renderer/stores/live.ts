// Live data for as long as a component shows it: follows a stream, and follows another when the payload changes.
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import {
  unpackPods,
  type ConsoleError,
  type MapPod,
  type RowsChange,
  type StreamData,
  type StreamEvent,
  type StreamName,
  type StreamPayload,
} from '../../api/console/index.ts';
import { useBridge } from '../bridge.ts';

/** Names of the streams that carry rows. */
export type RowsStreamName = {
  [N in StreamName]: StreamData<N> extends RowsChange<infer _Row> ? N : never;
}[StreamName];

/** The row type of a rows stream. */
export type RowOf<N extends RowsStreamName> =
  Extract<StreamData<N>, { kind: 'snapshot' }> extends { rows: readonly (infer Row)[] } ? Row : never;

export interface Live<T> {
  /** Undefined until the first delivery. */
  readonly data: Readonly<ShallowRef<T | undefined>>;
  /** Why the data may be old: the stream is interrupted or ended. */
  readonly error: Readonly<ShallowRef<ConsoleError | undefined>>;
}

function follow<N extends StreamName>(
  stream: N,
  payload: () => StreamPayload<N> | undefined,
  onReset: () => void,
  onData: (data: StreamData<N>) => void,
  error: ShallowRef<ConsoleError | undefined>,
): void {
  let stop: (() => void) | undefined;
  const onEvent = (event: StreamEvent<StreamData<N>>): void => {
    if (event.type !== 'data') {
      error.value = event.error;
      return;
    }
    error.value = undefined;
    onData(event.data);
  };
  watch(
    () => JSON.stringify(payload()),
    () => {
      stop?.();
      stop = undefined;
      onReset();
      const now = payload();
      if (now !== undefined) stop = useBridge().subscribe(stream, now, onEvent);
    },
    { immediate: true },
  );
  onScopeDispose(() => stop?.());
}

/** The newest value of a stream; nothing while the payload is undefined. */
export function useLive<N extends StreamName>(
  stream: N,
  payload: () => StreamPayload<N> | undefined,
): Live<StreamData<N>> {
  const data = shallowRef<StreamData<N>>();
  const error = shallowRef<ConsoleError>();
  const reset = (): void => {
    data.value = undefined;
    error.value = undefined;
  };
  follow(stream, payload, reset, (value) => (data.value = value), error);
  return { data, error };
}

/** The newest value of a stream whose payload is a window into something long: while the next window is on its way the
 * last one stays, except that nothing of another cluster stays. */
export function useLiveWindow<N extends StreamName>(
  stream: N,
  payload: () => StreamPayload<N> & { readonly clusterId: string },
): Live<StreamData<N>> {
  const data = shallowRef<StreamData<N>>();
  const error = shallowRef<ConsoleError>();
  let opened = 0;
  /** How to end the windows that are open: the newest, and the one it follows until the newest has come. */
  const stops = new Map<number, () => void>();
  const endBefore = (newest: number): void => {
    for (const [id, stop] of stops) {
      if (id >= newest) continue;
      stops.delete(id);
      stop();
    }
  };
  const open = (now: StreamPayload<N>): void => {
    const id = ++opened;
    endBefore(id - 1);
    const onEvent = (event: StreamEvent<StreamData<N>>): void => {
      endBefore(id);
      error.value = event.type === 'data' ? undefined : event.error;
      if (event.type === 'data') data.value = event.data;
    };
    stops.set(id, useBridge().subscribe(stream, now, onEvent));
  };
  watch(
    () => payload().clusterId,
    () => (data.value = undefined),
  );
  watch(
    () => JSON.stringify(payload()),
    () => open(payload()),
    { immediate: true },
  );
  onScopeDispose(() => endBefore(Infinity));
  return { data, error };
}

/** The rows of a stream as one array, replaced at most once per delivery; `decode` reads what travels. */
function useTable<N extends StreamName, Row extends { readonly uid: string }>(
  stream: N,
  payload: () => StreamPayload<N> | undefined,
  decode: (data: StreamData<N>) => RowsChange<Row>,
): Live<readonly Row[]> {
  const byUid = new Map<string, Row>();
  const data = shallowRef<readonly Row[]>();
  const error = shallowRef<ConsoleError>();
  const reset = (): void => {
    byUid.clear();
    data.value = undefined;
    error.value = undefined;
  };
  const onData = (raw: StreamData<N>): void => {
    const change = decode(raw);
    if (change.kind === 'snapshot') byUid.clear();
    for (const row of change.kind === 'snapshot' ? change.rows : change.upserted) byUid.set(row.uid, row);
    if (change.kind === 'changes') for (const uid of change.removed) byUid.delete(uid);
    data.value = [...byUid.values()];
  };
  follow(stream, payload, reset, onData, error);
  return { data, error };
}

/** The rows of a stream as one array, replaced at most once per frame. */
export function useLiveRows<N extends RowsStreamName>(
  stream: N,
  payload: () => StreamPayload<N> | undefined,
): Live<readonly RowOf<N>[]> {
  type Row = RowOf<N> & { uid: string };
  return useTable<N, Row>(stream, payload, (data) => data as unknown as RowsChange<Row>);
}

/** Every pod of a cluster as the map needs it; a pod that has not changed stays the same object. */
export function useMapPods(clusterId: () => string): Live<readonly MapPod[]> {
  const payload = (): StreamPayload<'placement'> => ({ clusterId: clusterId() });
  return useTable<'placement', MapPod>('placement', payload, (change) => {
    const pods = unpackPods(change.pods);
    return change.kind === 'snapshot'
      ? { kind: 'snapshot', rows: pods }
      : { kind: 'changes', upserted: pods, removed: change.removed };
  });
}
