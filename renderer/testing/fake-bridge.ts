// A bridge for component tests: answers commands as told, remembers them, and lets a test speak on streams.
import { shallowRef } from 'vue';
import type { CommandName, Result, StreamEvent, StreamName } from '../../api/console/index.ts';
import { installBridge, type Bridge } from '../bridge.ts';

export interface FakeBridge {
  readonly invoked: { readonly command: CommandName; readonly payload: unknown }[];
  /** How a command is answered; without it, it succeeds with nothing. */
  answer(command: CommandName, result: Result<unknown>): void;
  /** Delivers data to everybody who follows the stream, now and later. */
  tell(stream: StreamName, data: unknown): void;
}

/** Installs a fresh fake as the bridge of the stores. */
export function installFakeBridge(): FakeBridge {
  const answers = new Map<CommandName, Result<unknown>>();
  const last = new Map<StreamName, unknown>();
  const followers = new Map<StreamName, Set<(event: StreamEvent<unknown>) => void>>();
  const invoked: FakeBridge['invoked'] = [];
  const bridge = {
    connected: shallowRef(true),
    invoke(command: CommandName, payload: unknown) {
      invoked.push({ command, payload });
      return Promise.resolve(answers.get(command) ?? { ok: true, value: {} });
    },
    subscribe(stream: StreamName, _payload: unknown, onEvent: (event: StreamEvent<unknown>) => void) {
      const own = followers.get(stream) ?? new Set();
      followers.set(stream, own.add(onEvent));
      if (last.has(stream)) onEvent({ type: 'data', data: last.get(stream) });
      return () => own.delete(onEvent);
    },
  };
  installBridge(bridge as unknown as Bridge);
  return {
    invoked,
    answer: (command, result) => void answers.set(command, result),
    tell(stream, data) {
      last.set(stream, data);
      for (const onEvent of followers.get(stream) ?? []) onEvent({ type: 'data', data });
    },
  };
}
