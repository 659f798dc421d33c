// A member's whole database as a stream of pieces (Maintenance.Snapshot).
import { translateError } from './errors.ts';
import type { GrpcChannel } from './grpc/index.ts';
import { decodeSnapshotPiece } from './member-messages.ts';
import { nothing } from './messages.ts';

/** Pieces (of 32 KB) that may wait to be read before the member has to. */
const mostWaiting = 64;

/** Yields the pieces; throws EtcdClientError when the stream breaks off. Leaving the loop early, or `signal`, cancels it. */
export async function* readSnapshot(channel: GrpcChannel, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let end: { readonly failure: Error | undefined } | undefined;
  let wake = (): void => undefined;
  let isTooMuch = (): void => undefined;
  const stream = await channel
    .open('/etcdserverpb.Maintenance/Snapshot', nothing, {
      onMessage(message) {
        pieces.push(decodeSnapshotPiece(message));
        if (pieces.length > mostWaiting) isTooMuch();
        wake();
      },
      onEnd(failure) {
        end = { failure: failure && translateError(failure, 'reading a snapshot of etcd') };
        wake();
      },
    })
    .catch((error: unknown) => {
      throw translateError(error, 'reading a snapshot of etcd');
    });
  isTooMuch = () => stream.pause();
  const cancel = (): void => stream.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      const ready = pieces;
      pieces = [];
      yield* ready;
      stream.resume();
      if (pieces.length > 0) continue;
      signal?.throwIfAborted();
      if (end?.failure) throw end.failure;
      if (end) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    stream.cancel();
  }
}
