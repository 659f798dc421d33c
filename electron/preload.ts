// The one bridge into the page: messages of the console's wire, nothing else of Electron or Node.
import { contextBridge, ipcRenderer } from 'electron';
import type { ClientMessage, ServerMessage } from '../api/console/index.ts';

contextBridge.exposeInMainWorld('pilothouse', {
  send: (message: ClientMessage): void => ipcRenderer.send('console', message),
  onMessage: (listener: (message: ServerMessage) => void): void => {
    ipcRenderer.on('console', (_event, message: ServerMessage) => listener(message));
  },
});
