// A steady load of writes by a client that retries, as controllers do: it remembers what was acknowledged and how long
// nothing was. What is acknowledged must be there afterwards, whatever happened meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { createRestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';

export interface WriteLoad {
  /** How many writes were acknowledged. */
  acknowledged(): number;
  /** The longest time in which no write was acknowledged since the last call, milliseconds. */
  takeLongestOutageMs(): number;
  /** Ends the load, lists, and answers which acknowledged writes are missing. */
  stop(): Promise<{ readonly acknowledged: number; readonly missing: readonly string[] }>;
}

const path = '/api/v1/namespaces/default/configmaps';
const attemptMs = 2_000;

/** Starts writing ConfigMaps, about fifteen a second from three writers. */
export function startWriteLoad(kubeconfigPath: string): WriteLoad {
  const access = clusterOf(loadKubeconfig(kubeconfigPath));
  const transport = createHttpsTransport(access, { connectTimeoutMs: 1_000, keepAliveMs: 1_000, spread: true });
  const client = createRestClient({ transport, userAgent: 'write-load' });
  const names: string[] = [];
  const run = Date.now().toString(36);
  let stopping = false;
  let lastMs = performance.now();
  let longestMs = 0;

  const write = async (name: string): Promise<void> => {
    const body = JSON.stringify({ metadata: { name, labels: { load: run } }, data: { name } });
    for (;;) {
      try {
        const signal = AbortSignal.timeout(attemptMs);
        const headers = { 'content-type': 'application/json' };
        const response = await client.request({ method: 'POST', path, headers, body, signal });
        await response.text();
        // 409: an attempt whose answer was lost has landed.
        if (response.status === 201 || response.status === 409) break;
      } catch {
        // A master is going or gone: the next attempt finds another.
      }
      if (stopping) return;
      await sleep(100);
    }
    names.push(name);
    longestMs = Math.max(longestMs, performance.now() - lastMs);
    lastMs = performance.now();
  };
  const writers = [0, 1, 2].map(async (writer) => {
    for (let i = 0; !stopping; i++) {
      await write(`load-${run}-${writer}-${i}`);
      await sleep(200);
    }
  });

  return {
    acknowledged: () => names.length,
    takeLongestOutageMs() {
      const taken = Math.max(longestMs, performance.now() - lastMs);
      longestMs = 0;
      return taken;
    },
    async stop() {
      stopping = true;
      await Promise.all(writers);
      try {
        const response = await client.request({ method: 'GET', path, query: { labelSelector: `load=${run}` } });
        const { items } = JSON.parse(await response.text()) as { items: { metadata: { name: string } }[] };
        const present = new Set(items.map(({ metadata }) => metadata.name));
        return { acknowledged: names.length, missing: names.filter((name) => !present.has(name)) };
      } finally {
        client.close();
      }
    },
  };
}
