// The renderer's only way out: commands and streams of `api/console`, over whichever port this shell has.
// Guarantees: answers never throw; streams survive a lost connection (they subscribe again and start from a snapshot);
// stream events are delivered at most once per frame, in order; what takes longer than a part of a frame goes on in the next.
import { shallowRef, type ShallowRef } from 'vue';
import type {
  ClientMessage,
  CommandName,
  CommandPayload,
  CommandValue,
  ConsoleError,
  Result,
  ServerMessage,
  StreamData,
  StreamEvent,
  StreamName,
  StreamPayload,
} from '../api/console/index.ts';

/** One connection to the services; it reconnects by itself and says when it is up. */
export interface BridgePort {
  send(message: ClientMessage): void;
  onMessage(listener: (message: ServerMessage) => void): void;
  onConnected(listener: (connected: boolean) => void): void;
}

export interface Bridge {
  readonly connected: Readonly<ShallowRef<boolean>>;
  invoke<N extends CommandName>(command: N, payload: CommandPayload<N>): Promise<Result<CommandValue<N>>>;
  subscribe<N extends StreamName>(
    stream: N,
    payload: StreamPayload<N>,
    onEvent: (event: StreamEvent<StreamData<N>>) => void,
  ): () => void;
}

const disconnected: ConsoleError = {
  reason: 'Disconnected',
  message: 'The console services cannot be reached.',
  remedy: 'Wait for the connection to come back, then try again.',
};

type Deliver = (event: StreamEvent<unknown>) => void;

/** What of a frame may go into taking in data: the rest is for drawing it. */
const shareMs = 8;

function createFrameQueue(): (deliver: () => void) => void {
  let queue: (() => void)[] = [];
  let isScheduled = false;
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    // A hidden window gets no frames, yet its data must not pile up.
    if (document.hidden) setTimeout(flush, 100);
    else requestAnimationFrame(flush);
  };
  const flush = (): void => {
    isScheduled = false;
    const due = queue;
    queue = [];
    const endMs = performance.now() + shareMs;
    let taken = 0;
    while (taken < due.length) {
      due[taken++]?.();
      if (performance.now() > endMs) break;
    }
    queue = [...due.slice(taken), ...queue];
    if (queue.length > 0) schedule();
  };
  return (deliver) => {
    queue.push(deliver);
    schedule();
  };
}

/** The bridge over a port. */
export function createBridge(port: BridgePort): Bridge {
  const connected = shallowRef(false);
  const pending = new Map<number, (result: Result<unknown>) => void>();
  const streams = new Map<number, { message: ClientMessage; deliver: Deliver }>();
  const waiting: ClientMessage[] = [];
  const nextFrame = createFrameQueue();
  let nextId = 1;

  port.onConnected((up) => {
    connected.value = up;
    if (up) {
      for (const { message } of streams.values()) port.send(message);
      for (const message of waiting.splice(0)) port.send(message);
      return;
    }
    for (const resolve of pending.values()) resolve({ ok: false, error: disconnected });
    pending.clear();
    for (const { deliver } of streams.values()) deliver({ type: 'interrupted', error: disconnected });
  });
  port.onMessage((message) => {
    if (message.type === 'result') {
      pending.get(message.id)?.(message.result);
      pending.delete(message.id);
      return;
    }
    nextFrame(() => streams.get(message.id)?.deliver(message.event));
  });

  return {
    connected,
    invoke(command, payload) {
      const id = nextId++;
      return new Promise((resolve) => {
        pending.set(id, resolve as (result: Result<unknown>) => void);
        const message: ClientMessage = { type: 'invoke', id, command, payload };
        if (connected.value) port.send(message);
        else waiting.push(message);
      });
    },
    subscribe(stream, payload, onEvent) {
      const id = nextId++;
      const message: ClientMessage = { type: 'subscribe', id, stream, payload };
      streams.set(id, { message, deliver: onEvent as Deliver });
      if (connected.value) port.send(message);
      return () => {
        if (streams.delete(id) && connected.value) port.send({ type: 'unsubscribe', id });
      };
    },
  };
}

let current: Bridge | undefined;

/** Makes a bridge the one that stores use; called once at start, and by tests. */
export function installBridge(bridge: Bridge): void {
  current = bridge;
}

/** The installed bridge. Only stores call it. */
export function useBridge(): Bridge {
  if (current === undefined) throw new Error('no bridge is installed');
  return current;
}
