// What a process of Node.js really holds, asked through its inspector: after a full collection, so that the answer is
// what is reachable and not what an idle heap has not given back yet.

/** Bytes that are held: objects, and buffers outside the heap. `inspectorUrl` is as the process prints it (`ws://…`). */
export async function heldBytes(inspectorUrl: string): Promise<number> {
  const socket = new WebSocket(inspectorUrl);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true });
      socket.addEventListener('error', () => reject(new Error(`no inspector at ${inspectorUrl}`)), { once: true });
    });
    // Twice: what the first collection finalizes, the second takes away.
    await call(socket, 1, 'HeapProfiler.collectGarbage');
    await call(socket, 2, 'HeapProfiler.collectGarbage');
    const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())';
    const answer = (await call(socket, 3, 'Runtime.evaluate', { expression })) as { result: { value: number } };
    return answer.result.value;
  } finally {
    socket.close();
  }
}

function call(socket: WebSocket, id: number, method: string, params: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const hear = ({ data }: MessageEvent): void => {
      const message = JSON.parse(String(data)) as { id?: number; result?: unknown; error?: { message: string } };
      if (message.id !== id) return;
      socket.removeEventListener('message', hear);
      if (message.error === undefined) resolve(message.result);
      else reject(new Error(`${method}: ${message.error.message}`));
    };
    socket.addEventListener('message', hear);
    socket.addEventListener('close', () => reject(new Error(`${method}: the inspector hung up`)), { once: true });
    socket.send(JSON.stringify({ id, method, params }));
  });
}
