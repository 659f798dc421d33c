// The agent's options and their command line: `parseAgentFlags(formatAgentFlags(o))` gives `o` back. The CLI parses
// with it, provisioning writes the unit file with it. Pure.
import { parseArgs } from 'node:util';
import { quantityToMilli } from '../api/meta/quantity.ts';
import { defaultEvictionHard, parseThresholds } from './kubelet/eviction/thresholds.ts';

export interface AgentTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** Everything the agent is told from outside; the rest it finds out by itself. */
export interface AgentOptions {
  readonly kubeconfig: string;
  /** API servers to fail over between; default: those of the kubeconfig. */
  readonly servers?: readonly string[];
  readonly nodeName: string;
  /** Default: the address that leads to the API server. */
  readonly nodeIp?: string;
  readonly runtime: 'docker' | 'hollow';
  readonly dockerSocket: string;
  readonly dataDir: string;
  readonly clusterDns: string;
  readonly clusterDomain: string;
  readonly serviceCidr: string;
  /** The whole cluster's pod range. */
  readonly podCidr: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly clientCa?: string;
  readonly listenAddress: string;
  readonly listenPort: number;
  readonly maxPods: number;
  /** Most processes in one pod; 0 for no limit. */
  readonly podMaxPids: number;
  /** Kernel settings that pods may set besides the safe ones; `*` ends a prefix. */
  readonly allowedSysctls: readonly string[];
  /** How long the machine's shutdown waits for pods; 0 for not at all. */
  readonly shutdownGraceSeconds: number;
  /** The part of it that is kept for critical pods. */
  readonly shutdownGraceCriticalSeconds: number;
  /** Folder of static pods' manifests. */
  readonly manifestDir?: string;
  /** Upstream's text of eviction thresholds: hard ones act at once. */
  readonly evictionHard: string;
  /** Soft ones act when they have been crossed for their grace period. */
  readonly evictionSoft: string;
  readonly evictionSoftGracePeriod: string;
  /** The most that a pod ended for a soft threshold gets to end. */
  readonly evictionMaxPodGraceSeconds: number;
  /** What is kept from pods for the machine itself: quantities by resource. */
  readonly reserved: Readonly<Record<string, string>>;
  /** Resolvers of domains that are not for the machine's own: addresses, or ADDRESS:PORT, by suffix. */
  readonly stubDomains: Readonly<Record<string, readonly string[]>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly AgentTaint[];
}

/** Options that have a default. */
export const agentDefaults = {
  runtime: 'docker',
  dockerSocket: '/var/run/docker.sock',
  dataDir: '/var/lib/pilothouse/agent',
  clusterDns: '10.96.0.10',
  clusterDomain: 'cluster.local',
  serviceCidr: '10.96.0.0/16',
  podCidr: '10.244.0.0/16',
  listenAddress: '0.0.0.0',
  listenPort: 10250,
  maxPods: 110,
  podMaxPids: 16_384,
  allowedSysctls: [],
  shutdownGraceSeconds: 30,
  shutdownGraceCriticalSeconds: 10,
  evictionHard: defaultEvictionHard,
  evictionSoft: '',
  evictionSoftGracePeriod: '',
  evictionMaxPodGraceSeconds: 0,
  reserved: {},
  stubDomains: {},
  labels: {},
  taints: [],
} as const satisfies Partial<AgentOptions>;

/** Fills in the defaults. */
export function completeAgentOptions(
  options: Partial<AgentOptions> & Pick<AgentOptions, 'kubeconfig' | 'nodeName'>,
): AgentOptions {
  return { ...agentDefaults, ...options };
}

/** The flag of each option that is one plain string. */
const stringFlags = {
  kubeconfig: 'kubeconfig',
  nodeName: 'node-name',
  nodeIp: 'node-ip',
  runtime: 'runtime',
  dockerSocket: 'docker-socket',
  dataDir: 'data-dir',
  clusterDns: 'cluster-dns',
  clusterDomain: 'cluster-domain',
  serviceCidr: 'service-cidr',
  podCidr: 'pod-cidr',
  tlsCert: 'tls-cert',
  tlsKey: 'tls-key',
  clientCa: 'client-ca',
  listenAddress: 'listen-address',
  manifestDir: 'manifest-dir',
  evictionHard: 'eviction-hard',
  evictionSoft: 'eviction-soft',
  evictionSoftGracePeriod: 'eviction-soft-grace-period',
} as const satisfies Partial<Record<keyof AgentOptions, string>>;

/** The flag of each option that is a whole number, and the most it may be. */
const numberFlags = {
  listenPort: ['listen-port', 65_535],
  maxPods: ['max-pods', 100_000],
  podMaxPids: ['pod-max-pids', 4_194_304],
  shutdownGraceSeconds: ['shutdown-grace-seconds', 3600],
  shutdownGraceCriticalSeconds: ['shutdown-grace-critical-seconds', 3600],
  evictionMaxPodGraceSeconds: ['eviction-max-pod-grace-period', 3600],
} as const satisfies Partial<Record<keyof AgentOptions, readonly [string, number]>>;

const otherFlags = [
  'server',
  'allowed-sysctls',
  'node-labels',
  'register-taints',
  'system-reserved',
  'stub-domains',
] as const;

/** Names of all flags, without the leading dashes; all take a value. */
export const agentFlagNames: readonly string[] = [
  ...Object.values(stringFlags),
  ...Object.values(numberFlags).map(([flag]) => flag),
  ...otherFlags,
];

/** A command line that cannot be understood; the message says which flag and what is expected. */
export class BadFlag extends Error {
  override readonly name = 'BadFlag';
}

/** Reads the agent's flags. Throws BadFlag. */
export function parseAgentFlags(args: readonly string[]): AgentOptions {
  const values = readFlags(args);
  const strings = Object.fromEntries(
    Object.entries(stringFlags).flatMap(([option, flag]) => {
      const value = values[flag];
      return value === undefined ? [] : [[option, value]];
    }),
  ) as Partial<AgentOptions>;
  const numbers = Object.fromEntries(
    Object.entries(numberFlags).flatMap(([option, [flag, atMost]]) => {
      const value = values[flag];
      return value === undefined ? [] : [[option, wholeNumber(`--${flag}`, value, atMost)]];
    }),
  ) as Partial<Record<keyof typeof numberFlags, number>>;
  if (strings.kubeconfig === undefined) throw new BadFlag('--kubeconfig FILE is required');
  if (strings.nodeName === undefined) throw new BadFlag('--node-name NAME is required');
  if (strings.runtime !== undefined && strings.runtime !== 'docker' && strings.runtime !== 'hollow') {
    throw new BadFlag(`--runtime is docker or hollow, not "${String(strings.runtime)}"`);
  }
  const { evictionHard = '', evictionSoft = '', evictionSoftGracePeriod = '' } = strings;
  readable('--eviction-*', () => parseThresholds(evictionHard, evictionSoft, evictionSoftGracePeriod));
  return completeAgentOptions({
    ...strings,
    kubeconfig: strings.kubeconfig,
    nodeName: strings.nodeName,
    ...(values['server'] !== undefined && { servers: commaList(values['server']) }),
    ...numbers,
    ...(values['allowed-sysctls'] !== undefined && { allowedSysctls: commaList(values['allowed-sysctls']) }),
    ...(values['system-reserved'] !== undefined && { reserved: parseReserved(values['system-reserved']) }),
    ...(values['stub-domains'] !== undefined && { stubDomains: parseStubDomains(values['stub-domains']) }),
    ...(values['node-labels'] !== undefined && { labels: parseLabels(values['node-labels']) }),
    ...(values['register-taints'] !== undefined && { taints: commaList(values['register-taints']).map(parseTaint) }),
  });
}

/** Writes the flags that `parseAgentFlags` reads; options at their default are left out. */
export function formatAgentFlags(options: AgentOptions): string[] {
  const defaults: Partial<AgentOptions> = agentDefaults;
  const flags: string[] = [];
  for (const [option, flag] of Object.entries(stringFlags) as [keyof typeof stringFlags, string][]) {
    const value = options[option];
    if (value !== undefined && value !== defaults[option]) flags.push(`--${flag}`, value);
  }
  if (options.servers !== undefined) flags.push('--server', options.servers.join(','));
  for (const [option, [flag]] of Object.entries(numberFlags) as [
    keyof typeof numberFlags,
    readonly [string, number],
  ][]) {
    if (options[option] !== agentDefaults[option]) flags.push(`--${flag}`, String(options[option]));
  }
  if (options.allowedSysctls.length > 0) flags.push('--allowed-sysctls', options.allowedSysctls.join(','));
  const labels = Object.entries(options.labels).map(([key, value]) => `${key}=${value}`);
  if (labels.length > 0) flags.push('--node-labels', labels.join(','));
  const reserved = Object.entries(options.reserved).map(([resource, quantity]) => `${resource}=${quantity}`);
  if (reserved.length > 0) flags.push('--system-reserved', reserved.join(','));
  const stubs = Object.entries(options.stubDomains).map(([suffix, resolvers]) => `${suffix}=${resolvers.join('+')}`);
  if (stubs.length > 0) flags.push('--stub-domains', stubs.join(','));
  if (options.taints.length > 0) flags.push('--register-taints', options.taints.map(formatTaint).join(','));
  return flags;
}

function readFlags(args: readonly string[]): Record<string, string | undefined> {
  const options = Object.fromEntries(agentFlagNames.map((name) => [name, { type: 'string' as const }]));
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new BadFlag(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function commaList(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}

function wholeNumber(flag: string, text: string, atMost: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > atMost) {
    throw new BadFlag(`${flag} is a whole number up to ${atMost}, not "${text}"`);
  }
  return value;
}

function readable<T>(flag: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new BadFlag(`${flag}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

const reservable = ['cpu', 'memory', 'ephemeral-storage', 'pid'];

function parseReserved(text: string): Record<string, string> {
  const reserved = parseLabels(text);
  for (const [resource, quantity] of Object.entries(reserved)) {
    if (!reservable.includes(resource))
      throw new BadFlag(`--system-reserved knows ${reservable.join(', ')}, not "${resource}"`);
    const milli = readable('--system-reserved', () => quantityToMilli(quantity));
    if (!(milli >= 0)) throw new BadFlag(`--system-reserved: ${resource} cannot be "${quantity}"`);
  }
  return reserved;
}

const resolverPattern = /^(\d+(\.\d+){3}(:\d+)?|[0-9a-f:]+|\[[0-9a-f:]+\]:\d+)$/i;

function parseStubDomains(text: string): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(parseLabels(text)).map(([suffix, list]) => {
      const resolvers = list.split('+').filter((one) => one !== '');
      const isGood = resolvers.length > 0 && resolvers.every((one) => resolverPattern.test(one));
      if (!isGood) throw new BadFlag(`--stub-domains wants DOMAIN=ADDRESS[:PORT][+ADDRESS…], not "${suffix}=${list}"`);
      return [suffix.toLowerCase().replace(/\.$/, ''), resolvers];
    }),
  );
}

function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    commaList(text).map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function parseTaint(text: string): AgentTaint {
  const [, key, value, effect] = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(text) ?? [];
  if (key === undefined || effect === undefined) {
    throw new BadFlag(`--register-taints wants KEY[=VALUE]:EFFECT, not "${text}"`);
  }
  return { key, ...(value !== undefined && { value }), effect: effect as AgentTaint['effect'] };
}

function formatTaint(taint: AgentTaint): string {
  return `${taint.key}${taint.value === undefined ? '' : `=${taint.value}`}:${taint.effect}`;
}
