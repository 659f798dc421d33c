// For tests: a real API server over the memory store, the controllers, and one pretended kubelet for all nodes that
// binds pods, makes them run and lets them go. Controllers can be killed at any write and started again.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import type { Transport, TransportRequest } from '../../../machinery/transport/contract.ts';
import type { ControllerSettings } from '../context.ts';
import { nodes, pods, serviceAccounts } from '../../../api/kinds/core/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { systemClock } from '../../../machinery/clock.ts';
import type { Clock } from '../../../machinery/clock.ts';
import { createTrigger, runController, watchFor } from '../../../machinery/controller.ts';
import { createInformer, createInformerFactory } from '../../../machinery/informer.ts';
import { clusterOf, loadKubeconfig } from '../../../machinery/kubeconfig.ts';
import { createLogger } from '../../../machinery/logger.ts';
import { createRestClient } from '../../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../../machinery/transport/https.ts';
import type { Authority } from '../../../machinery/pki/index.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startServer } from '../../server/fixtures/running-server.ts';
import { nodeNameOf } from '../daemon-set/nodes.ts';
import type { ControllerName } from '../index.ts';
import { runControllers } from '../index.ts';

/** A write of the controllers: method and path, without Leases and Events. */
export type Write = string;

export interface TestCluster {
  readonly client: RestClient;
  /** The authority of every certificate; agents serve with one of its. */
  readonly ca: Authority;
  /** Every write of the controllers so far. */
  readonly writes: Write[];
  /** Kills the controllers at their n-th write from now: before it is sent, or after it has landed and before they hear of it. */
  killAtWrite(n: number, when: 'before' | 'after'): Promise<void>;
  /** From now on the pretended kubelet does nothing for this node, nor places pods on it. */
  failNode(name: string): void;
  /** The kubelet works for this node again. */
  healNode(name: string): void;
  startControllers(): void;
  stopControllers(): Promise<void>;
  close(): Promise<void>;
}

export interface TestClusterOptions {
  nodes?: number;
  settings?: ControllerSettings;
  /** Only these controllers, and the one for service accounts; all by default. */
  only?: readonly ControllerName[];
  /** Whether the pretended kubelet makes a pod ready; all by default. */
  isReady?: (pod: Readonly<Pod>) => boolean;
  /** The controllers' clock; the machine's by default. */
  clock?: Clock;
  /** Headers of the controllers' requests, by how many times controllers were started before. */
  headersOf?: (term: number) => Record<string, string>;
  /** What becomes of a running pod; it stays running by default. */
  endingOf?: (pod: Readonly<Pod>) => 'Succeeded' | 'Failed' | undefined;
}

/** Starts everything; close it when the test is over. */
export async function startCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const running = await startServer();
  const access = clusterOf(loadKubeconfig(running.kubeconfigPath));
  const client = createRestClient({ transport: createHttpsTransport(access), userAgent: 'test' });
  const logger = createLogger('test', { level: process.env.PILOTHOUSE_LOG_LEVEL === 'debug' ? 'debug' : 'error' });
  const ending = new AbortController();
  const writes: Write[] = [];
  let fuse: { left: number; when: 'before' | 'after'; blown: () => void } | undefined;
  const terms: { controller: AbortController; client: RestClient }[] = [];
  let term: { controller: AbortController; done: Promise<void>; client: RestClient } | undefined;

  const never = new Promise<never>(() => undefined);
  const counting = (transport: Transport): Transport => {
    let isDead = false;
    return {
      ...transport,
      async request(request) {
        if (isDead) return never;
        if (!isWrite(request)) return transport.request(request);
        writes.push(`${request.method} ${request.path}`);
        if (fuse === undefined || --fuse.left > 0) return transport.request(request);
        const { when, blown } = fuse;
        fuse = undefined;
        isDead = true;
        if (when === 'after') await transport.request(request);
        blown();
        return never;
      },
    };
  };
  const start = (): void => {
    const controller = new AbortController();
    const headers = options.headersOf?.(terms.length) ?? {};
    const transport = counting(createHttpsTransport(access));
    const own = createRestClient({ transport, userAgent: 'controllers', headers: () => headers });
    const informers = createInformerFactory(own, { logger });
    const done = runControllers({
      client: own,
      informers,
      clock: options.clock ?? systemClock,
      logger,
      signal: controller.signal,
      options: { rootCa: running.ca.cert, podCidr: '10.244.0.0/16', ...options.settings },
      only: options.only && [...options.only, 'serviceaccount'],
    });
    void informers.run(controller.signal);
    term = { controller, done, client: own };
    terms.push(term);
  };

  await Promise.all(
    Array.from({ length: options.nodes ?? 2 }, (_, i) => {
      const conditions = [
        {
          type: 'Ready',
          status: 'True',
          lastHeartbeatTime: formatTime(Date.now()),
          lastTransitionTime: formatTime(Date.now()),
        },
      ];
      return client.resource(nodes).create({
        metadata: { name: `node-${i}`, labels: { 'kubernetes.io/hostname': `node-${i}` } },
        spec: {},
        status: { conditions },
      });
    }),
  );
  const failed = new Set<string>();
  const kubelet = runKubelet(client, options, failed, ending.signal);
  start();
  // Pods need their namespace's default account.
  await waitFor(() => client.resource(serviceAccounts, 'default').get('default'), {
    timeoutMs: 10_000,
    intervalMs: 20,
    what: 'the default account',
  });

  return {
    client,
    ca: running.ca,
    writes,
    failNode: (name) => void failed.add(name),
    healNode(name) {
      failed.delete(name);
      kubelet.catchUp();
    },
    startControllers: start,
    async killAtWrite(n, when) {
      await new Promise<void>((resolve) => (fuse = { left: n, when, blown: resolve }));
      // A killed process waits for nothing: its loops are left hanging on answers that never come.
      term?.controller.abort();
      term?.client.close();
    },
    async stopControllers() {
      term?.controller.abort();
      await term?.done;
      term?.client.close();
    },
    async close() {
      ending.abort();
      for (const { controller } of terms) controller.abort();
      await kubelet.done;
      for (const one of terms) one.client.close();
      client.close();
      await running.close();
    },
  };
}

function isWrite({ method, path }: TransportRequest): boolean {
  return method !== 'GET' && !/\/(leases|events)(\/|$)/.test(path);
}

function runKubelet(
  client: RestClient,
  options: TestClusterOptions,
  failed: ReadonlySet<string>,
  signal: AbortSignal,
): { done: Promise<void>; catchUp(): void } {
  const informer = createInformer({ client, resource: pods });
  void informer.run(signal);
  const trigger = createTrigger();
  let next = 0;
  let placed = 0;
  const nodeNames = Array.from({ length: options.nodes ?? 2 }, (_, i) => `node-${i}`);
  const anyNode = (): string => {
    const alive = nodeNames.filter((name) => !failed.has(name));
    return alive[placed++ % alive.length] ?? '';
  };
  const done = runController({
    name: 'kubelet',
    sources: [watchFor(informer), trigger],
    workers: 16,
    signal,
    async reconcile(key) {
      const pod = informer.get(key);
      if (pod === undefined || failed.has(pod.spec.nodeName ?? '')) return;
      const api = client.resource(pods, pod.metadata.namespace);
      const { name, uid } = pod.metadata;
      try {
        if (pod.metadata.deletionTimestamp) {
          await api.delete(name, { gracePeriodSeconds: 0, preconditions: { uid } });
        } else if (!pod.spec.nodeName) {
          const target = {
            apiVersion: 'v1',
            kind: 'Node',
            name: nodeNameOf(pod) ?? anyNode(),
          };
          await api.subresource(name, 'binding', {
            apiVersion: 'v1',
            kind: 'Binding',
            metadata: { name, uid },
            target,
          });
        } else if (pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed') {
          const phase = options.endingOf?.(pod) ?? 'Running';
          const status = phase === 'Running' && (options.isReady?.(pod) ?? true) ? 'True' : 'False';
          const known = pod.status?.conditions?.find(({ type }) => type === 'Ready');
          if (pod.status?.phase === phase && known?.status === status) return;
          const condition = { type: 'Ready', status, lastTransitionTime: formatTime(Date.now()) };
          const conditions = [...(pod.status?.conditions ?? []).filter(({ type }) => type !== 'Ready'), condition];
          const podIP = `10.244.0.${(next++ % 250) + 1}`;
          await api.updateStatus({
            ...pod,
            status: { ...pod.status, phase, podIP, podIPs: [{ ip: podIP }], conditions },
          });
        }
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
    },
  });
  return { done, catchUp: () => informer.list().forEach((pod) => trigger.enqueue(keyOf(pod))) };
}
