// Live data for as long as a component shows it: follows a stream, and follows another when the payload changes.
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import type {
  ConsoleError,
  RowsChange,
  StreamData,
  StreamEvent,
  StreamName,
  StreamPayload,
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

/** The rows of a stream as one array, replaced at most once per frame. */
export function useLiveRows<N extends RowsStreamName>(
  stream: N,
  payload: () => StreamPayload<N> | undefined,
): Live<readonly RowOf<N>[]> {
  type Row = RowOf<N> & { uid: string };
  const byUid = new Map<string, Row>();
  const data = shallowRef<readonly RowOf<N>[]>();
  const error = shallowRef<ConsoleError>();
  const reset = (): void => {
    byUid.clear();
    data.value = undefined;
    error.value = undefined;
  };
  const onData = (raw: StreamData<N>): void => {
    const change = raw as unknown as RowsChange<Row>;
    if (change.kind === 'snapshot') byUid.clear();
    for (const row of change.kind === 'snapshot' ? change.rows : change.upserted) byUid.set(row.uid, row);
    if (change.kind === 'changes') for (const uid of change.removed) byUid.delete(uid);
    data.value = [...byUid.values()];
  };
  follow(stream, payload, reset, onData, error);
  return { data, error };
}
