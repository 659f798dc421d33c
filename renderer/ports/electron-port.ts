// The bridge's port in the Electron window: what the preload script exposes, nothing more.
import type { ClientMessage, ServerMessage } from '../../api/console/index.ts';
import type { BridgePort } from '../bridge.ts';

declare global {
  interface Window {
    /** Set by electron/preload.ts. */
    readonly pilothouse?: {
      send(message: ClientMessage): void;
      onMessage(listener: (message: ServerMessage) => void): void;
    };
  }
}

/** The port over the preload's bridge, which is connected for as long as the window lives. */
export function createElectronPort(exposed: NonNullable<Window['pilothouse']>): BridgePort {
  return {
    send: (message) => exposed.send(message),
    onMessage: (listener) => exposed.onMessage(listener),
    onConnected: (listener) => listener(true),
  };
}
