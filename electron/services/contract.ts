// What a shell (Electron window, WebSocket) sees of the console services.
import type {
  CommandName,
  CommandPayload,
  CommandValue,
  Result,
  StreamData,
  StreamEvent,
  StreamName,
  StreamPayload,
} from '../../api/console/index.ts';

/** Stops a subscription; calling it again does nothing. */
export type Unsubscribe = () => void;

export interface Services {
  /** Runs a command. Never rejects: an unknown name or a bad payload is an error result like any other. */
  invoke<N extends CommandName>(command: N, payload: CommandPayload<N>): Promise<Result<CommandValue<N>>>;
  /** Follows a stream until unsubscribed or `ended`. Events keep their order. */
  subscribe<N extends StreamName>(
    stream: N,
    payload: StreamPayload<N>,
    onEvent: (event: StreamEvent<StreamData<N>>) => void,
  ): Unsubscribe;
  /** Ends every stream, connection and watch. Runs in progress are left resumable on the machines. */
  close(): Promise<void>;
}
