import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../machinery/logger.ts';
import { waitFor } from '../../machinery/wait.ts';
import { createHealthChecks } from './health-check.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
const ask = async (port: number): Promise<{ status: number; body: unknown } | undefined> => {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { headers: { connection: 'close' } });
    return { status: response.status, body: await response.json() };
  } catch {
    return undefined;
  }
};

describe('health-check node ports', () => {
  const checks = createHealthChecks(silentLogger, '127.0.0.1');
  afterEach(() => checks.close());

  it('say whether this node has an endpoint, follow changes, and close with the Service', async () => {
    const port = await freePort();
    checks.update('shop/web', { port, localEndpoints: 2 });
    const answer = await waitFor(() => ask(port), { timeoutMs: 5_000 });
    expect(answer).toEqual({
      status: 200,
      body: { service: { namespace: 'shop', name: 'web' }, localEndpoints: 2, serviceProxyHealthy: true },
    });
    checks.update('shop/web', { port, localEndpoints: 0 });
    expect((await ask(port))?.status).toBe(503);
    checks.update('shop/web', undefined);
    await waitFor(async () => (await ask(port)) === undefined, { timeoutMs: 5_000 });
  });

  it('move to another port', async () => {
    const [first, second] = [await freePort(), await freePort()];
    checks.update('shop/web', { port: first, localEndpoints: 1 });
    checks.update('shop/web', { port: second, localEndpoints: 1 });
    await waitFor(() => ask(second), { timeoutMs: 5_000 });
    expect(await ask(first)).toBeUndefined();
  });
});
