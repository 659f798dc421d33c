// The bridge's port in a browser: a WebSocket to the page's own server, opened again with growing pauses.
import type { BridgePort } from '../bridge.ts';
import type { ServerMessage } from '../../api/console/index.ts';

const firstPauseMs = 250;
const longestPauseMs = 5000;

/** Connects to `/console` of the origin and stays connected. */
export function createWebSocketPort(url: string): BridgePort {
  let socket: WebSocket | undefined;
  let pauseMs = firstPauseMs;
  let onMessage: (message: ServerMessage) => void = () => undefined;
  let onConnected: (connected: boolean) => void = () => undefined;

  const open = (): void => {
    socket = new WebSocket(url);
    socket.addEventListener('open', () => {
      pauseMs = firstPauseMs;
      onConnected(true);
    });
    socket.addEventListener('message', (event) => onMessage(JSON.parse(String(event.data)) as ServerMessage));
    socket.addEventListener('close', () => {
      onConnected(false);
      setTimeout(open, pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    });
  };
  open();

  return {
    send: (message) => socket?.send(JSON.stringify(message)),
    onMessage: (listener) => void (onMessage = listener),
    onConnected: (listener) => void (onConnected = listener),
  };
}
