// The composition root of the control plane: certificates → store → API server → bootstrap objects → scheduler and
// controllers → kubeconfig → ready. What was started is stopped in reverse order, within five seconds.
import { mkdir } from 'node:fs/promises';
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { catalogue } from '../api/kinds/catalogue.ts';
import { serviceUnavailable } from '../api/meta/status.ts';
import { clusterOf, loadKubeconfig } from '../machinery/kubeconfig.ts';
import { systemClock } from '../machinery/clock.ts';
import type { EtcdClient } from '../machinery/etcd/index.ts';
import { createLogger } from '../machinery/logger.ts';
import type { Logger } from '../machinery/logger.ts';
import { openLivePki } from '../machinery/pki/index.ts';
import type { LivePki } from '../machinery/pki/index.ts';
import type { RestClient } from '../machinery/rest-client.ts';
import { advertisedAddress, clientUrl, parseListen, serviceAddress, servingNames } from './addresses.ts';
import { runApiServerEndpoints } from './bootstrap/api-server-endpoints.ts';
import { createBootstrapObjects } from './bootstrap/bootstrap-objects.ts';
import { connectOverHttps, connectWithin, writeAdminKubeconfig } from './client-access.ts';
import type { Connect } from './client-access.ts';
import type { ControlPlaneOptions } from './flags.ts';
import { claimInstance } from './instance.ts';
import { runLeaders } from './leaders.ts';
import type { SchedulerConfiguration } from './scheduler/profile.ts';
import { readSchedulerConfiguration } from './scheduler/read-configuration.ts';
import { createPilothouseGroup } from './extensions/pilothouse-group.ts';
import { createPlacementExtension } from './extensions/placement.ts';
import { createJournalReader } from './journal/journal-reader.ts';
import { runJournalWriter } from './journal/journal-writer.ts';
import { etcdCredentialFiles, etcdCredentials, openStore, type OpenedStore } from './open-store.ts';
import { openAudit } from './open-audit.ts';
import { readConfigured } from './read-configured.ts';
import { readAdmissionConfiguration } from './server/admission/pod-security/read-configuration.ts';
import { readAuthenticationConfiguration } from './server/authentication/oidc/read-configuration.ts';
import { createApiServer } from './server/index.ts';
import { runRewrite } from './store/encryption/rewrite.ts';
import { createStopStack } from './stop-stack.ts';
import type { StopStack } from './stop-stack.ts';
import { runCompaction } from './upkeep/compaction.ts';
import { runEtcdUpkeep } from './upkeep/etcd-upkeep.ts';
import { runMemoryUpkeep } from './upkeep/memory.ts';
import { runUpkeep } from './upkeep/upkeep.ts';
import { createUsageReader } from './usage/usage-reader.ts';
import { runUsageRecorder } from './usage/usage-recorder.ts';

/** Runs the chosen components until the signal aborts; rejects when one cannot start. */
export async function runControlPlane(options: ControlPlaneOptions, signal: AbortSignal): Promise<void> {
  const logger = createLogger('control-plane');
  const stops = createStopStack(logger);
  try {
    const scheduling = await readSchedulerConfiguration(options.schedulerConfigFile);
    await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
    const instance = await claimInstance(options.dataDir);
    stops.push('the hold on the data folder', () => instance.release());
    const started = options.components.includes('api')
      ? await startApi(options, instance.identity, scheduling, logger, stops)
      : remoteApi(options);
    if (signal.aborted) return;
    stops.run('memory upkeep', (ending) => runMemoryUpkeep({ clock: systemClock, signal: ending }));
    startLeaders(options, instance.identity, { ...started, scheduling }, logger, stops);
    options.onReady?.({ url: started.url, kubeconfigPath: options.kubeconfigOut });
    logger.info({ url: started.url, components: options.components }, 'the control plane is ready');
    await untilAborted(signal);
  } finally {
    await stops.stopAll();
  }
}

interface StartedApi {
  readonly url: string;
  /** How the components of this process reach it. */
  readonly connect: Connect;
  /** What pods verify the API server by; it changes when the authority is rotated. */
  readonly rootCa: () => string | undefined;
  readonly live: LivePki | undefined;
}

async function startApi(
  options: ControlPlaneOptions,
  identity: string,
  scheduling: SchedulerConfiguration,
  logger: Logger,
  stops: StopStack,
): Promise<StartedApi> {
  const pkiDir = options.pkiDir ?? join(options.dataDir, 'pki');
  const names = { apiServerSans: servingNames(options), clusterDomain: options.clusterDomain };
  const others = etcdCredentialFiles(options);
  const live = await openLivePki(pkiDir, names, { clock: systemClock, logger, others });
  const pki = live.current;
  const { store, etcd, codec } = await openStore(options, pki, logger.child({ part: 'store' }));
  stops.push('the store', () => store.close());
  const audit = options.audit === undefined ? undefined : await openAudit(options.audit, logger);
  // Pushed before the server: what the server still answers while it closes is recorded.
  if (audit !== undefined) stops.push('the audit log', () => audit.sink.close());
  const jwtIssuers = await readConfigured(
    'authentication-config',
    options.authenticationConfigFile,
    readAuthenticationConfiguration,
  );
  const podSecurity = await readConfigured(
    'admission-control-config-file',
    options.admissionConfigFile,
    readAdmissionConfiguration,
  );
  const parts: { connect?: Connect } = {};
  const placement = createPlacementExtension(() => connectTo(parts.connect), systemClock, scheduling.profiles);
  const [journalFolder, usageFolder] = [join(options.dataDir, 'journal'), join(options.dataDir, 'usage')];
  const past = {
    journal: createJournalReader(journalFolder),
    usage: createUsageReader(usageFolder),
    connect: () => connectTo(parts.connect),
  };
  const server = createApiServer({
    store,
    extensions: [createPilothouseGroup(placement, past)],
    catalogue,
    listen: parseListen(options.listen),
    advertiseAddress: advertisedAddress(options),
    tls: { certificate: pki.apiServer.cert, key: pki.apiServer.key, clientCa: pki.ca.cert },
    serviceAccounts: { signingKey: pki.serviceAccount.privateKey, verificationKeys: [pki.serviceAccount.publicKey] },
    frontProxy: { certificate: pki.frontProxyClient.cert, key: pki.frontProxyClient.key, ca: pki.frontProxyCa.cert },
    kubelet: kubeletCredentials(live),
    serviceCidr: options.serviceCidr,
    audit,
    jwtIssuers,
    podSecurity,
    defaultTolerationSeconds: Math.round(options.podEvictionTimeoutMs / 1000),
    clock: systemClock,
    logger: logger.child({ part: 'api' }),
  });
  stops.push('the API server', () => server.close());
  stops.push('questions about placement', () => placement.close());
  await server.listen();

  const url = clientUrl(options, server.url);
  const connect = connectWithin(server, 'system:pilothouse-control-plane', ['system:masters']);
  parts.connect = connect;
  await bootstrap(options, connect, Number(new URL(url).port), logger, stops);
  stops.run('the journal of changes', (signal) =>
    runJournalWriter(
      { store, folder: journalFolder, sealedPrefixes: codec?.prefixes, clock: systemClock, logger },
      signal,
    ),
  );
  const usageClient = connect('pilothouse-usage');
  stops.push('the usage client', () => Promise.resolve(usageClient.close()));
  stops.run('the record of usage', (signal) =>
    runUsageRecorder({ client: usageClient, folder: usageFolder, clock: systemClock, logger }, signal),
  );
  stops.run('compaction', (signal) => runCompaction({ store, clock: systemClock, logger, signal }));
  if (etcd) startUpkeep({ etcd, codec, pkiDir, identity, connect }, options, logger.child({ part: 'upkeep' }), stops);
  live.onDidChange(async (next) => {
    server.setCertificates({ certificate: next.apiServer.cert, key: next.apiServer.key, clientCa: next.ca.cert });
    etcd?.setCredentials(await etcdCredentials(options, next));
  });
  stops.run('the certificates', (signal) => live.run(signal));
  if (options.kubeconfigOut !== undefined) await writeAdminKubeconfig(options.kubeconfigOut, pki, url);
  return { url, connect, rootCa: () => live.current.ca.cert, live };
}

/** How agents are reached, with the certificates of the moment. */
function kubeletCredentials(live: LivePki): {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
} {
  return {
    get certificate() {
      return live.current.kubeletClient.cert;
    },
    get key() {
      return live.current.kubeletClient.key;
    },
    get ca() {
      return live.current.ca.cert;
    },
  };
}

interface UpkeepParts extends Pick<OpenedStore, 'codec'> {
  readonly etcd: EtcdClient;
  readonly pkiDir: string;
  readonly identity: string;
  readonly connect: Connect;
}

function startUpkeep(parts: UpkeepParts, options: ControlPlaneOptions, logger: Logger, stops: StopStack): void {
  const { etcd, codec, pkiDir, identity } = parts;
  const client = parts.connect('pilothouse-upkeep');
  stops.push('the upkeep client', () => Promise.resolve(client.close()));
  const whileElected = async (signal: AbortSignal): Promise<void> => {
    const context = { clock: systemClock, logger, signal };
    if (codec !== undefined) await runRewrite({ client: etcd, codec, ...context });
    await runEtcdUpkeep({ etcd, ...context });
  };
  const { dataDir, encryptionConfigFile } = options;
  const about = { etcd, client, identity, pkiDir, dataDir, encryptionConfigFile, whileElected };
  stops.run('upkeep', (signal) => runUpkeep({ ...about, clock: systemClock, logger }, signal));
}

function connectTo(connect: Connect | undefined): RestClient {
  if (connect === undefined) throw serviceUnavailable('the API server is still starting');
  return connect('pilothouse-placement');
}

/** Creates what every cluster begins with, and keeps this server among the endpoints of default/kubernetes. */
async function bootstrap(
  options: ControlPlaneOptions,
  connect: Connect,
  apiPort: number,
  logger: Logger,
  stops: StopStack,
): Promise<void> {
  const client = connect('pilothouse-bootstrap');
  stops.push('the bootstrap client', () => Promise.resolve(client.close()));
  const kubernetesAddress = serviceAddress(options.serviceCidr, 1);
  await createBootstrapObjects({ client, kubernetesAddress, clusterDns: options.clusterDns, apiPort });
  const address = advertisedAddress(options);
  if (address === undefined) return;
  stops.run('the endpoints of default/kubernetes', (signal) =>
    runApiServerEndpoints({ client, address, port: apiPort, clock: systemClock, logger, signal }),
  );
}

function startLeaders(
  options: ControlPlaneOptions,
  identity: string,
  { connect, rootCa, live, scheduling }: StartedApi & { readonly scheduling: SchedulerConfiguration },
  logger: Logger,
  stops: StopStack,
): void {
  const components = options.components.filter((component) => component !== 'api');
  if (components.length === 0) return;
  const settings = {
    podCidr: options.podCidr,
    nodeMonitorGraceMs: options.nodeMonitorGraceMs,
    podEvictionTimeoutMs: options.podEvictionTimeoutMs,
    get rootCa() {
      return rootCa();
    },
    get signing() {
      const ca = live?.current.ca;
      return ca?.key === undefined ? undefined : { caCert: ca.cert, caKey: ca.key };
    },
  };
  stops.run('scheduler and controllers', (signal) => {
    setMaxListeners(0, signal);
    return runLeaders({
      components,
      identity,
      connect,
      settings,
      schedulerConfiguration: scheduling,
      clock: systemClock,
      logger,
      signal,
    });
  });
}

/** An API server elsewhere, for a process that runs only other components. */
function remoteApi(options: ControlPlaneOptions): StartedApi {
  if (options.kubeconfig === undefined) {
    throw new Error('without the api component, --kubeconfig FILE must say where the API server is');
  }
  const access = clusterOf(loadKubeconfig(options.kubeconfig));
  return { url: access.servers[0] ?? '', connect: connectOverHttps(access), rootCa: () => access.ca, live: undefined };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
