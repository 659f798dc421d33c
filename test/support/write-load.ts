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
  /** The attempts that failed since the last call, each with its writer, when it began, how long it took and what came of it. */
  takeFailures(): readonly string[];
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
  let failures: string[] = [];

  const write = async (writer: number, name: string): Promise<void> => {
    const body = JSON.stringify({ metadata: { name, labels: { load: run } }, data: { name } });
    for (;;) {
      const beganMs = performance.now();
      const failed = (what: string): void => {
        const tookMs = performance.now() - beganMs;
        failures.push(`writer ${writer} at ${beganMs.toFixed(0)} ms for ${tookMs.toFixed(0)} ms: ${what}`);
      };
      try {
        const signal = AbortSignal.timeout(attemptMs);
        const headers = { 'content-type': 'application/json' };
        const response = await client.request({ method: 'POST', path, headers, body, signal });
        const answer = await response.text();
        // 409: an attempt whose answer was lost has landed.
        if (response.status === 201 || response.status === 409) break;
        failed(`${response.status} ${answer}`);
      } catch (error) {
        // A master is going or gone: the next attempt finds another.
        failed(String(error));
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
      await write(writer, `load-${run}-${writer}-${i}`);
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
    takeFailures() {
      const taken = failures;
      failures = [];
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
