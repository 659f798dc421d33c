import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../machinery/clock.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { createForwards } from './forwards.ts';

/** A pod that answers every line in capitals; its first message of each channel is the port, as the protocol has it. */
function shoutingPod(): RestClient {
  const port = Buffer.from([80, 0]);
  const upgrade = (): Promise<unknown> => {
    const waiting: Uint8Array[] = [Buffer.concat([Buffer.of(0), port]), Buffer.concat([Buffer.of(1), port])];
    let wake = (): void => undefined;
    let open = true;
    async function* messages(): AsyncGenerator<Uint8Array> {
      while (open || waiting.length > 0) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    }
    return Promise.resolve({
      protocol: 'v4.channel.k8s.io',
      messages: messages(),
      send(message: Uint8Array) {
        const text = Buffer.from(message.subarray(1)).toString().toUpperCase();
        waiting.push(Buffer.concat([Buffer.of(0), Buffer.from(text)]));
        wake();
        return Promise.resolve();
      },
      close() {
        open = false;
        wake();
      },
    });
  };
  return { upgrade } as unknown as RestClient;
}

const wish = { clusterId: 'harbour', namespace: 'default', pod: 'web', port: 80, localPort: 0 };

describe('a port-forward', () => {
  const forwards = createForwards(systemClock);
  afterEach(() => forwards.closeAll());

  it('carries bytes both ways, counts them, and ends its connections when closed', async () => {
    const view = await forwards.open(shoutingPod(), wish, new AbortController().signal);
    const socket = connect(view.localPort, '127.0.0.1');
    const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
    socket.write('ahoy');
    expect(await answer).toBe('AHOY');
    expect(forwards.list()).toMatchObject([{ id: view.id, connections: 1, sentBytes: 4, receivedBytes: 4 }]);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    forwards.close(view.id);
    await ended;
    expect(forwards.list()).toEqual([]);
  });

  it('says that a local port is taken', async () => {
    const { localPort } = await forwards.open(shoutingPod(), wish, new AbortController().signal);
    await expect(forwards.open(shoutingPod(), { ...wish, localPort }, new AbortController().signal)).rejects.toThrow(
      `Port ${localPort} of this computer is taken`,
    );
  });
});
