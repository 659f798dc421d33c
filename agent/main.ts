// The agent's composition root: runtime, network, kubelet, proxy, DNS and server of one node. Ends when the signal aborts;
// containers run on.
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setMaxListeners } from 'node:events';
import { systemClock } from '../machinery/clock.ts';
import type { Clock } from '../machinery/clock.ts';
import { createInformerFactory } from '../machinery/informer.ts';
import { clusterOf, loadKubeconfig } from '../machinery/kubeconfig.ts';
import { createLogger } from '../machinery/logger.ts';
import type { Logger } from '../machinery/logger.ts';
import { createRestClient } from '../machinery/rest-client.ts';
import type { RestClient } from '../machinery/rest-client.ts';
import { createHttpsTransport } from '../machinery/transport/https.ts';
import { createLiveCertificates } from './certificates/live-certificates.ts';
import type { LiveCertificates } from './certificates/live-certificates.ts';
import type { AgentOptions } from './flags.ts';
import { createKubelet } from './kubelet/kubelet.ts';
import { addressTowards, diskFacts, readMachineFacts } from './kubelet/node/machine-facts.ts';
import { allocatableOf } from './kubelet/node/node-object.ts';
import type { NodeIdentity } from './kubelet/node/node-object.ts';
import { createNodeReporter } from './kubelet/node/run-node.ts';
import { createPressure, machineSupplies } from './kubelet/eviction/pressure.ts';
import { parseThresholds } from './kubelet/eviction/thresholds.ts';
import { createNodeHealth } from './kubelet/node/node-health.ts';
import { createLeaving } from './kubelet/shutdown/leaving.ts';
import type { Leaving } from './kubelet/shutdown/leaving.ts';
import { isMachineStopping } from './kubelet/shutdown/shut-down-pods.ts';
import { createPodCgroups } from './kubelet/cgroups/pod-cgroups.ts';
import { nodes, persistentVolumes, services } from './kubelet/resources.ts';
import { runNodeNetwork } from './node-network.ts';
import type { NodeNetwork } from './node-network.ts';
import type { ContainerRuntime } from './runtime/container-runtime.ts';
import { runLocalPathCleaner } from './volumes/local-path-cleaner.ts';
import { createAgentServer } from './server/agent-server.ts';

export { runHollowNodes } from './hollow/hollow-nodes.ts';
export type { HollowNodesOptions } from './hollow/hollow-nodes.ts';

const runtimeRetryMs = 1_000;
const settleMs = 5_000;
const logLimits = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 };

/** Runs a node until the signal aborts. Rejects when its options cannot work. */
export async function runAgent(options: AgentOptions, asked: AbortSignal): Promise<void> {
  const logger = createLogger('agent');
  const clock = systemClock;
  const leaving = createLeaving(asked);
  const { signal } = leaving;
  setMaxListeners(0, signal);
  await mkdir(options.dataDir, { recursive: true, mode: 0o755 });
  const certificates = createLiveCertificates(options, serversOf(options));
  const client = connect(certificates, logger);
  const runtime = await openRuntime(options, logger);
  try {
    await waitForRuntime(runtime, clock, logger, signal);
    if (!signal.aborted) await runNode(options, { client, certificates, runtime, clock, logger, signal, leaving });
  } finally {
    await runtime.close();
    client.close();
  }
}

interface Foundations {
  readonly client: RestClient;
  readonly certificates: LiveCertificates;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly leaving: Leaving;
}

async function runNode(options: AgentOptions, foundations: Foundations): Promise<void> {
  const { client, runtime, clock, logger, signal, leaving } = foundations;
  let isShuttingDown = false;
  const [machine, info, disk] = await Promise.all([readMachineFacts(), runtime.info(), diskFacts(options.dataDir)]);
  const identity: NodeIdentity = {
    name: options.nodeName === '' ? hostname() : options.nodeName,
    addresses: [options.nodeIp ?? (await addressTowards(serversOf(options)[0] ?? ''))],
    labels: options.labels,
    taints: options.taints,
    maxPods: options.maxPods,
    listenPort: options.listenPort,
    runtimeVersion: `${info.name}://${info.version}`,
    recursiveReadOnly: info.recursiveReadOnly,
    diskBytes: disk.totalBytes,
    reserved: options.reserved,
  };
  const pressure = createPressure({
    thresholds: parseThresholds(options.evictionHard, options.evictionSoft, options.evictionSoftGracePeriod),
    supplies: machineSupplies(options.dataDir, info.rootDirectory),
    clock,
  });
  const factory = createInformerFactory(client, { clock, logger });
  const network = await runNodeNetwork(options, identity.addresses[0] ?? '', factory, foundations);
  const kubelet = await createKubelet({
    client,
    runtime,
    network: network.pods,
    services: factory.of(services),
    nodes: factory.of(nodes),
    isShuttingDown: () => isShuttingDown,
    pressure,
    softEvictionGraceSeconds: options.evictionMaxPodGraceSeconds,
    ...(options.manifestDir !== undefined && { manifestDir: options.manifestDir }),
    cgroups: await createPodCgroups(info, {
      allocatable: allocatableOf(identity, machine),
      ...(options.podMaxPids > 0 && { podPidsLimit: options.podMaxPids }),
      logger,
    }),
    node: {
      name: identity.name,
      hostIps: identity.addresses,
      dataDir: options.dataDir,
      imageDir: runtime.kind === 'docker' ? info.rootDirectory : options.dataDir,
      clusterDns: options.clusterDns,
      clusterDomain: options.clusterDomain,
      memoryBytes: machine.memoryBytes,
      allocatable: allocatableOf(identity, machine),
      apparmor: info.apparmor,
      recursiveReadOnly: info.recursiveReadOnly,
      allowedSysctls: options.allowedSysctls,
      ...(options.podMaxPids > 0 && { podPidsLimit: options.podMaxPids }),
      log: logLimits,
    },
    clock,
    logger: logger.child({ part: 'kubelet' }),
    signal,
  });
  await network.adopt(kubelet.parts.observations.all());
  const health = createNodeHealth({
    runtime,
    networkProblem: () => (isShuttingDown ? 'node is shutting down' : network.problem()),
    pressure,
    clock,
  });
  const reporter = createNodeReporter({
    client,
    identity,
    machine,
    health,
    images: () => runtime.images.list(),
    settled: () => networkUp(network, clock, signal),
    clock,
    logger,
    signal,
  });
  network.onChange(reporter.hurry);
  const { shutdownGraceSeconds: totalSeconds, shutdownGraceCriticalSeconds: criticalSeconds } = options;
  leaving.doBefore(async () => {
    if (totalSeconds === 0 || !(await isMachineStopping())) return;
    isShuttingDown = true;
    reporter.hurry();
    await kubelet.shutDown({ totalSeconds, criticalSeconds });
  });
  const server = await createAgentServer({
    options,
    identity,
    kubelet,
    startedAtMs: clock.now(),
    dnsCounters: network.dnsCounters,
    runtime,
    clock,
    logger: logger.child({ part: 'server' }),
  });
  foundations.certificates.onDidChangeServing(() => server.reloadCertificates());
  const names = (): string[] => [identity.name, ...identity.addresses];
  await server.listen();
  try {
    const cleaning =
      runtime.kind === 'hollow'
        ? undefined
        : runLocalPathCleaner({
            volumes: factory.of(persistentVolumes),
            clock,
            logger: logger.child({ part: 'volumes' }),
            signal,
          });
    const renewing = foundations.certificates.run({ client, names, clock, logger }, signal);
    await Promise.all([
      factory.run(signal),
      kubelet.run(),
      reporter.run(),
      network.run(kubelet.pods),
      cleaning,
      renewing,
    ]);
  } finally {
    await server.close();
  }
}

/** Waits a little for the network of a node that had one. */
async function networkUp(network: NodeNetwork, clock: Clock, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  network.onChange(() => network.problem() === undefined && done.abort());
  if (network.problem() !== undefined) await clock.sleep(settleMs, AbortSignal.any([signal, done.signal]));
}

function connect({ access }: LiveCertificates, logger: Logger): RestClient {
  const transport = createHttpsTransport(access, { spread: true, logger });
  return createRestClient({ transport, userAgent: 'pilothouse-agent' });
}

function serversOf(options: AgentOptions): string[] {
  return options.servers === undefined ? clusterOf(loadKubeconfig(options.kubeconfig)).servers : [...options.servers];
}

async function openRuntime(options: AgentOptions, logger: Logger): Promise<ContainerRuntime> {
  if (options.runtime === 'hollow') {
    const { createHollowRuntime } = await import('./runtime/hollow-runtime.ts');
    return createHollowRuntime();
  }
  // Loaded only where it is used: dockerode brings much that a hollow node does not need.
  const { createDockerRuntime } = await import('./runtime/docker/docker-runtime.ts');
  await mkdir(join(options.dataDir, 'pods'), { recursive: true });
  return createDockerRuntime({ socketPath: options.dockerSocket, logger: logger.child({ part: 'runtime' }) });
}

/** Docker may start after the agent does. */
async function waitForRuntime(
  runtime: ContainerRuntime,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    try {
      await runtime.info();
      return;
    } catch (error) {
      if (isFirst) logger.warn({ err: error }, 'waiting for the container runtime');
      await clock.sleep(runtimeRetryMs, signal);
    }
  }
}
