// Streams about a cluster: interrupted while it cannot be reached, opened anew when it is back, ended when forgotten.
import type { ConsoleError, StreamEvent } from '../../../api/console/index.ts';
import type { ClusterSession } from '../clusters/session.ts';
import type { Context } from '../context.ts';
import type { Unsubscribe } from '../contract.ts';
import { toConsoleError } from '../errors.ts';

/** Opens `open` on the cluster's session, again whenever the session is replaced or reachable again. */
export function inCluster<T>(
  context: Context,
  clusterId: string,
  emit: (event: StreamEvent<T>) => void,
  open: (session: ClusterSession, deliver: (data: T) => void, refuse: (error: ConsoleError) => void) => Unsubscribe,
): Unsubscribe {
  let session: ClusterSession | undefined;
  let closeInner: Unsubscribe | undefined;
  let stopHealth: Unsubscribe | undefined;
  let interrupted: ConsoleError | undefined;

  const deliver = (data: T): void => emit({ type: 'data', data });
  const refuse = (error: ConsoleError): void => emit({ type: 'interrupted', error });
  const close = (): void => {
    closeInner?.();
    closeInner = undefined;
  };
  const onHealth = (): void => {
    const error = session?.health.now.error;
    const wasDown = interrupted !== undefined;
    interrupted = error;
    if (error !== undefined) {
      if (!wasDown) emit({ type: 'interrupted', error });
    } else if (wasDown && session !== undefined) {
      close();
      closeInner = open(session, deliver, refuse);
    }
  };
  const attach = (): void => {
    let next: ClusterSession;
    try {
      next = context.clusters.get(clusterId).session;
    } catch (error) {
      stop();
      emit({ type: 'ended', error: toConsoleError(error) });
      return;
    }
    if (next === session) return;
    close();
    stopHealth?.();
    session = next;
    interrupted = undefined;
    closeInner = open(next, deliver, refuse);
    stopHealth = next.health.onDidChange(onHealth);
    onHealth();
  };
  const stopRegistry = context.clusters.onDidChange(attach);
  const stop = (): void => {
    stopRegistry();
    stopHealth?.();
    close();
  };
  attach();
  return stop;
}
