// The messages of one console connection, the same over Electron IPC and over WebSocket.
// A client numbers its requests; answers and stream events carry that number. Order is kept per connection.
import type { CommandName, StreamName } from './contract.ts';
import type { Result, StreamEvent } from './result.ts';

export type ClientMessage =
  | { readonly type: 'invoke'; readonly id: number; readonly command: CommandName; readonly payload: unknown }
  | { readonly type: 'subscribe'; readonly id: number; readonly stream: StreamName; readonly payload: unknown }
  | { readonly type: 'unsubscribe'; readonly id: number };

export type ServerMessage =
  | { readonly type: 'result'; readonly id: number; readonly result: Result<unknown> }
  | { readonly type: 'event'; readonly id: number; readonly event: StreamEvent<unknown> };
