// Waits until a machine's sshd says its name, which it does before any login.
import { connect } from 'node:net';
import { systemClock } from '../../../machinery/clock.ts';

/** True once sshd answered at `address`; false when it did not within `timeoutMs`. */
export async function waitForSsh(
  address: string,
  timeoutMs: number,
  signal?: AbortSignal,
  port: number = 22,
): Promise<boolean> {
  const deadline = systemClock.now() + timeoutMs;
  while (systemClock.now() < deadline) {
    signal?.throwIfAborted();
    if (await answers(address, port)) return true;
    await systemClock.sleep(60, signal);
  }
  return false;
}

function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 1_000 });
    const finish = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.on('connect', () => socket.setTimeout(15_000)); // an emulated machine takes seconds to say its name
    socket.on('data', (chunk) => finish(chunk.toString('latin1').startsWith('SSH-')));
    socket.on('error', () => finish(false));
    socket.on('timeout', () => finish(false));
    socket.on('close', () => finish(false));
  });
}
