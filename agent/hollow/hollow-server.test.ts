import { request } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import type { Pod } from '../../api/kinds/core/index.ts';
import { createFakeClock } from '../../machinery/clock.ts';
import { createHollowServer, type HollowDoor, type HollowServer } from './hollow-server.ts';

const pod = (name: string): Pod =>
  ({
    metadata: { name, namespace: 'default', uid: `uid-${name}` },
    spec: { containers: [{ name: 'main', resources: { requests: { cpu: '150m', memory: '64Mi' } } }] },
    status: { phase: 'Running', startTime: '2026-01-02T03:04:05Z' },
  }) as unknown as Pod;

let server: HollowServer | undefined;
afterEach(() => server?.close());

function get({ address, port }: HollowDoor, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: address, port, path, rejectUnauthorized: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asked.on('error', reject).end();
  });
}

describe('the server of hollow nodes', () => {
  it('answers for each node with its own pods, on loopback', async () => {
    const pods: Record<string, Pod[]> = { 'hollow-1': [pod('a')], 'hollow-2': [pod('b'), pod('c')] };
    server = await createHollowServer({ clock: createFakeClock(), podsOf: (node) => pods[node] ?? [] });
    const first = await server.open('hollow-1', '127.77.200.1');
    const second = await server.open('hollow-2', '127.77.200.2');
    expect([first.address, second.address].every((address) => address.startsWith('127.'))).toBe(true);

    const summary = JSON.parse((await get(second, '/stats/summary')).text) as {
      node: { cpu: { usageNanoCores: number } };
      pods: { podRef: { name: string }; containers: { memory: { workingSetBytes: number } }[] }[];
    };
    expect(summary.pods.map(({ podRef }) => podRef.name)).toEqual(['b', 'c']);
    expect(summary.node.cpu.usageNanoCores).toBe(300e6);
    expect(summary.pods[0]?.containers[0]?.memory.workingSetBytes).toBe(64 * 1024 ** 2);

    const log = await get(first, '/containerLogs/default/a/main?timestamps=true');
    expect(log).toEqual({ status: 200, text: expect.stringMatching(/^2026-01-02T03:04:05Z this pod is simulated/) });
    expect((await get(first, '/containerLogs/default/b/main')).status).toBe(404);
  });

  it('takes 127.0.0.1 where an address cannot be bound', async () => {
    server = await createHollowServer({ clock: createFakeClock(), podsOf: () => [] });
    const door = await server.open('hollow-1', '198.51.100.1');
    expect(door.address).toBe('127.0.0.1');
    expect((await get(door, '/healthz')).text).toBe('ok');
  });
});
