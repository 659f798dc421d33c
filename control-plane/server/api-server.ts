// The API server put together: parts, pipeline, listener. Nothing here decides; everything here connects.
import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { nodes, pods, secrets, serviceAccounts } from '../../api/kinds/core/index.ts';
import { nodeMetrics, podMetrics } from '../extensions/metrics/resources.ts';
import { createAdmission } from './admission/admission.ts';
import { createPolicyPlugins, withPolicyRules } from './admission/policies/index.ts';
import { createAdmissionPlugins } from './admission/plugins.ts';
import type { ServiceAllocators } from './admission/service-allocation.ts';
import { createClusterIps } from './allocation/cluster-ips.ts';
import { parseIpv4Range } from './allocation/ipv4-range.ts';
import { runPortRepair } from './allocation/repair.ts';
import { createServiceRanges } from './allocation/service-ranges.ts';
import { createNodePorts } from './allocation/node-ports.ts';
import { createAuditor, formatAuditMetrics } from './audit/auditor.ts';
import { createAuthenticator } from './authentication/authenticator.ts';
import { createBootstrapTokens } from './authentication/bootstrap-tokens.ts';
import { createOidcTokens } from './authentication/oidc/oidc-tokens.ts';
import { createServiceAccountTokens } from './authentication/service-account-tokens.ts';
import { createStaticTokens } from './authentication/static-tokens.ts';
import { createAuthorization } from './authorization/authorization.ts';
import { bootstrap } from './bootstrap/bootstrap.ts';
import { publishClusterInfo } from './bootstrap/cluster-info.ts';
import { withDefinitionRules } from './crd/check-definition.ts';
import { serveCustomResources } from './crd/crd-controller.ts';
import { emptyResource } from './crd/empty-resource.ts';
import { createDiscovery } from './discovery/serve-discovery.ts';
import { createOpenApi } from './discovery/serve-openapi.ts';
import { followFlows } from './fairness/follow-flows.ts';
import { runChecks, type Health } from './health.ts';
import { createExchange, type NodeRequest, type NodeResponse } from './http/exchange.ts';
import { createUpgrade } from './http/upgrade.ts';
import { openListener, type Listener } from './http/listener.ts';
import { createInProcessTransport } from './http/in-process.ts';
import { peerOf, type Peer } from './http/peer.ts';
import { createNodeClient } from './kubelet/node-client.ts';
import { createMetrics } from './metrics/metrics.ts';
import { formatStorage } from './metrics/storage-metrics.ts';
import { observeRequests } from './observe.ts';
import type { ApiServer, ApiServerOptions } from './options.ts';
import type { ServerParts } from './parts.ts';
import { createAggregator } from './aggregation/aggregator.ts';
import { publishAuthentication } from './aggregation/authentication-config.ts';
import { apiServiceName, type LocalApi } from './aggregation/local-services.ts';
import { createServiceLocator } from './aggregation/locate-service.ts';
import { createPipeline } from './pipeline.ts';
import { createReader, type Reader } from './registry/reader.ts';
import { createRoute } from './routes.ts';
import { createServedResources } from './served/served-resources.ts';
import { createSubresourceHandlers } from './subresources/handlers.ts';
import type { ResourceDefinition } from './served/definition.ts';
import { createMetricsHandlers } from './subresources/serve-metrics.ts';
import { createWebhookPlugins } from './webhooks/webhook-admission.ts';
import { createWebhookClient } from './webhooks/webhook-client.ts';
import { createReviewHandlers } from './subresources/reviews.ts';

const defaultIssuer = 'https://kubernetes.default.svc.cluster.local';
const defaultServiceCidr = '10.96.0.0/16';
const closeGraceMs = 2000;
/** Upstream's sum of requests in flight, reading and writing. */
const mostSeats = 600;

/** Builds an API server; it does nothing until `listen()`. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { clock, logger } = options;
  const metrics = createMetrics();
  const store = metrics.storing.store(options.store, () => served);
  const closing = new AbortController();
  // Every watch listens to it.
  setMaxListeners(0, closing.signal);
  const context = { store, clock, logger, signal: closing.signal };
  const reader = createReader(store);
  const served = createServedResources([
    ...withPolicyRules(withDefinitionRules(options.catalogue)),
    nodeMetrics as ResourceDefinition,
    podMetrics as ResourceDefinition,
  ]);
  const authorization = createAuthorization(context);
  const issuer = options.serviceAccounts.issuer ?? defaultIssuer;
  const tokens = createServiceAccountTokens({
    ...options.serviceAccounts,
    issuer,
    audiences: options.serviceAccounts.audiences ?? [issuer],
    clock,
    reader,
    resources: { serviceAccounts, pods, secrets, nodes },
  });
  const otherTokens = [
    createStaticTokens(options.staticTokens ?? []),
    createBootstrapTokens(reader, clock),
    createOidcTokens(options.jwtIssuers ?? [], { clock, logger }),
  ];
  const authenticator = createAuthenticator([tokens, ...otherTokens]);
  const allocators = createAllocators(options, reader);
  const webhookClient = createWebhookClient({ reader });
  const webhooks = createWebhookPlugins({
    ...context,
    reader,
    client: webhookClient,
    served,
    authorizer: authorization.authorizer,
    metrics: metrics.admission,
  });
  const { authorizer } = authorization;
  const policies = createPolicyPlugins({ ...context, reader, served, authorizer, metrics: metrics.admission });
  const plugins = createAdmissionPlugins({
    reader,
    store,
    ...authorization,
    webhooks,
    policies,
    allocators,
    defaultTolerationSeconds: options.defaultTolerationSeconds ?? 300,
    podSecurity: options.podSecurity,
  });
  const admission = createAdmission(plugins, metrics.admission);
  const parts: ServerParts = { ...context, served, reader, admission, authorizer, metrics: metrics.requests };
  const flows = followFlows(parts, closing.signal, mostSeats);
  const nodeClient = createNodeClient(options.kubelet);
  let listener: Listener | undefined;
  let isBootstrapped = false;
  const health: Health = {
    onDidCheck: metrics.healthCheck,
    live: [{ name: 'ping', check: () => undefined }],
    ready: [
      { name: 'etcd', check: () => store.checkReady() },
      {
        name: 'poststarthook/bootstrap',
        check: () => (isBootstrapped ? undefined : Promise.reject(new Error('not finished'))),
      },
      { name: 'shutdown', check: () => (closing.signal.aborted ? Promise.reject(new Error('closing')) : undefined) },
    ],
  };
  const urlAt = (host: string): string => `https://${hostInUrl(host)}:${listener?.port ?? options.listen.port}`;
  const url = (): string => urlAt(options.listen.host);
  /** What documents tell clients elsewhere: on a wildcard, loopback would be their own. */
  const address = (): string => new URL(urlAt(options.advertiseAddress ?? options.listen.host)).host;
  const extensions = options.extensions ?? [];
  const localApis = (): LocalApi[] => {
    const named = [...served.all().map(localApiOf), ...extensions.map((one) => ({ ...one, isCustom: false }))];
    return [
      ...new Map(named.filter(({ group }) => group !== unregistered).map((one) => [apiServiceName(one), one])).values(),
    ];
  };
  const aggregator = createAggregator({
    parts,
    served,
    signal: closing.signal,
    locate: options.locateService ?? createServiceLocator(reader),
    identity: options.frontProxy,
    builtIn: new Set(options.catalogue.map(apiServiceName)),
    local: localApis,
  });
  const discovery = createDiscovery(served, address, {
    all: () => [
      ...aggregator.remotes().map((one) => ({ ...one, isStale: !one.isAvailable })),
      ...extensions
        .filter(({ group, version }) => aggregator.remote(group, version) === undefined)
        .map(({ group, version, resources = [] }) => ({ group, version, resources, isStale: false })),
    ],
    get generation() {
      return aggregator.generation;
    },
  });
  const subresources = createSubresourceHandlers({ tokens, nodeClient });
  const overrides = {
    ...createReviewHandlers({ ...authorization, tokens, otherTokens }),
    ...createMetricsHandlers(nodeClient, clock),
  };
  const route = createRoute({
    parts,
    discovery,
    openApi: createOpenApi(served, aggregator),
    tokens,
    address,
    health,
    metrics,
    subresources,
    overrides,
    extensions,
    aggregator,
  });
  metrics.section(() => flows.flowControl.format());
  metrics.section(() => formatStorage(store, served));
  const { audit } = options;
  if (audit !== undefined) metrics.section(() => formatAuditMetrics(audit.sink));
  const pipeline = createPipeline({
    parts,
    authenticator,
    flowControl: flows.flowControl,
    auditor: options.audit === undefined ? undefined : createAuditor({ ...options.audit, clock }),
    route,
    observer: observeRequests(metrics.requests, clock, served),
  });

  const handle = (request: NodeRequest, response: NodeResponse, peer: Peer): void => {
    void pipeline(createExchange(request, response, peer, closing.signal));
  };
  const onRequest = (request: NodeRequest, response: NodeResponse): void => handle(request, response, peerOf(request));

  const onHandshakeError = (): void => metrics.tlsHandshakeErrors.add('');
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { response, upgrade } = createUpgrade(request, socket as Socket, head);
    void pipeline(createExchange(request, response, peerOf(request), closing.signal, upgrade));
  };

  return {
    get url() {
      return url();
    },
    setCertificates: (tls) => listener?.setCertificates(tls),
    async listen() {
      const { certificate, key, clientCa } = options.tls;
      await Promise.all([
        aggregator.whenSynced,
        flows.whenSynced,
        authorization.whenSynced,
        webhooks.whenSynced,
        policies.whenSynced,
      ]);
      listener = await openListener({
        ...options.listen,
        certificate,
        key,
        clientCa,
        logger,
        onRequest,
        onUpgrade,
        onHandshakeError,
      });
      await Promise.all([bootstrap(parts, options.serviceCidr ?? defaultServiceCidr), flows.start()]);
      await serveCustomResources({
        ...context,
        served,
        conversionClient: webhookClient,
        empty: (definition) => emptyResource(parts, definition),
      });
      if (options.frontProxy !== undefined)
        await publishAuthentication(parts, { clientCa, frontProxyCa: options.frontProxy.ca });
      await publishClusterInfo(parts, { url: `https://${address()}`, ca: clientCa });
      aggregator.start();
      isBootstrapped = true;
      void runPortRepair(parts, allocators.nodePorts, closing.signal);
    },
    async readiness() {
      const outcomes = await runChecks([...health.live, ...health.ready]);
      return outcomes.filter(({ failure }) => failure !== undefined).map(({ name }) => name);
    },
    transportAs: ({ user, groups }) =>
      createInProcessTransport(handle, { address: '127.0.0.1', commonName: user, organizations: groups }),
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      nodeClient.close();
      webhookClient.close();
      aggregator.close();
      await listener?.close(closeGraceMs);
    },
  };
}

function createAllocators(
  {
    store,
    clock,
    logger,
    serviceCidr = defaultServiceCidr,
    nodePortRange = { first: 30000, last: 32767 },
  }: ApiServerOptions,
  reader: Reader,
): ServiceAllocators {
  return {
    clusterIps: createClusterIps(store, clock, createServiceRanges(reader, parseIpv4Range(serviceCidr))),
    nodePorts: createNodePorts(store, clock, nodePortRange),
    logger,
  };
}

/** The group of APIServices themselves, which are not registered with themselves. */
const unregistered = 'apiregistration.k8s.io';

function localApiOf(definition: ResourceDefinition): LocalApi {
  return { group: definition.group, version: definition.version, isCustom: 'custom' in definition };
}

/** What a client on this machine connects to: wildcard addresses mean loopback. */
function hostInUrl(host: string): string {
  if (host === '' || host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
