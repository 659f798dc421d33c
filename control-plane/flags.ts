// The control plane's options and their one spelling as command-line flags: the CLI parses them, provisioning's unit
// file formats them. parse(format(options)) gives the same options back.

/** The parts that one process can run. */
export type ControlPlaneComponent = 'api' | 'scheduler' | 'controllers';

export type EtcdOptions =
  | {
      readonly kind: 'external';
      readonly endpoints: readonly string[];
      readonly ca?: string;
      readonly cert?: string;
      readonly key?: string;
    }
  | { readonly kind: 'embedded' }
  | { readonly kind: 'memory' };

export interface AuditOptions {
  readonly policyFile: string;
  readonly logPath: string;
  readonly maxSizeBytes: number;
  /** How many rotated files are kept, and how long; 0 keeps all. */
  readonly maxBackups: number;
  readonly maxAgeMs: number;
}

/** Everything `runControlPlane` needs. Paths of files; times in milliseconds. */
export interface ControlPlaneOptions {
  /** HOST:PORT; port 0 picks a free one. */
  readonly listen: string;
  readonly etcd: EtcdOptions;
  readonly dataDir: string;
  /** Default `dataDir/pki`; made when missing. */
  readonly pkiDir?: string;
  readonly kubeconfigOut?: string;
  readonly components: readonly ControlPlaneComponent[];
  readonly serviceCidr: string;
  readonly podCidr: string;
  readonly clusterDomain: string;
  readonly clusterDns: string;
  readonly nodeMonitorGraceMs: number;
  readonly podEvictionTimeoutMs: number;
  /** The address that other machines and pods reach this API server at. */
  readonly advertiseAddress?: string;
  readonly extraSans?: readonly string[];
  /** An EncryptionConfiguration: which resources are sealed in etcd, and by which keys. */
  readonly encryptionConfigFile?: string;
  /** What of requests is recorded, and where; absent when nothing is. */
  readonly audit?: AuditOptions;
  /** An AdmissionConfiguration: the Pod Security levels of namespaces without labels, and who is exempt. */
  readonly admissionConfigFile?: string;
  /** An AuthenticationConfiguration: which OpenID Connect issuers are believed. */
  readonly authenticationConfigFile?: string;
  /** Where scheduler and controllers find an API server when this process runs none. */
  readonly kubeconfig?: string;
  /** A KubeSchedulerConfiguration; the default profiles when not given. */
  readonly schedulerConfigFile?: string;
  readonly onReady?: (info: ControlPlaneInfo) => void;
}

export interface ControlPlaneInfo {
  readonly url: string;
  readonly kubeconfigPath: string | undefined;
}

/** What holds when a flag is absent. */
export const controlPlaneDefaults = {
  listen: '127.0.0.1:6443',
  components: ['api', 'scheduler', 'controllers'],
  serviceCidr: '10.96.0.0/16',
  podCidr: '10.244.0.0/16',
  clusterDomain: 'cluster.local',
  clusterDns: '10.96.0.10',
  nodeMonitorGraceMs: 40_000,
  podEvictionTimeoutMs: 300_000,
} as const satisfies Partial<ControlPlaneOptions>;

/** Bad usage: the CLI prints the message and exits 2. */
export class FlagError extends Error {}

const switches = new Set(['embedded-etcd', 'memory']);
const valued = new Set([
  'listen',
  'etcd',
  'etcd-ca',
  'etcd-cert',
  'etcd-key',
  'data-dir',
  'pki-dir',
  'kubeconfig-out',
  'kubeconfig',
  'scheduler-config',
  'components',
  'service-cidr',
  'pod-cidr',
  'cluster-domain',
  'cluster-dns',
  'node-monitor-grace',
  'pod-eviction-timeout',
  'advertise-address',
  'extra-sans',
  'encryption-provider-config',
  'admission-control-config-file',
  'authentication-config',
  'audit-policy-file',
  'audit-log-path',
  'audit-log-maxsize',
  'audit-log-maxbackup',
  'audit-log-maxage',
]);

/** Parses flags (`--name value` or `--name=value`); times are seconds or carry a unit (`40s`, `5m`, `500ms`). */
export function parseControlPlaneFlags(args: readonly string[]): ControlPlaneOptions {
  const flags = readFlags(args);
  const dataDir = flags.get('data-dir');
  if (!dataDir) throw new FlagError('--data-dir DIR is required: the folder that keeps certificates and embedded etcd');
  const time = (name: string, fallback: number): number => {
    const text = flags.get(name);
    return text === undefined ? fallback : parseDurationMs(name, text);
  };
  return {
    listen: flags.get('listen') ?? controlPlaneDefaults.listen,
    etcd: readEtcd(flags),
    dataDir,
    pkiDir: flags.get('pki-dir'),
    kubeconfigOut: flags.get('kubeconfig-out'),
    kubeconfig: flags.get('kubeconfig'),
    schedulerConfigFile: flags.get('scheduler-config'),
    components: readComponents(flags.get('components')),
    serviceCidr: flags.get('service-cidr') ?? controlPlaneDefaults.serviceCidr,
    podCidr: flags.get('pod-cidr') ?? controlPlaneDefaults.podCidr,
    clusterDomain: flags.get('cluster-domain') ?? controlPlaneDefaults.clusterDomain,
    clusterDns: flags.get('cluster-dns') ?? controlPlaneDefaults.clusterDns,
    nodeMonitorGraceMs: time('node-monitor-grace', controlPlaneDefaults.nodeMonitorGraceMs),
    podEvictionTimeoutMs: time('pod-eviction-timeout', controlPlaneDefaults.podEvictionTimeoutMs),
    advertiseAddress: flags.get('advertise-address'),
    extraSans: listOf(flags.get('extra-sans')),
    encryptionConfigFile: flags.get('encryption-provider-config'),
    admissionConfigFile: flags.get('admission-control-config-file'),
    authenticationConfigFile: flags.get('authentication-config'),
    audit: readAudit(flags),
  };
}

/** The flags that parse back into these options. */
export function formatControlPlaneFlags(options: Omit<ControlPlaneOptions, 'onReady'>): string[] {
  const flags: string[] = [`--listen=${options.listen}`, `--data-dir=${options.dataDir}`];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') flags.push(`--${name}=${value}`);
  };
  if (options.etcd.kind === 'embedded') flags.push('--embedded-etcd');
  else if (options.etcd.kind === 'memory') flags.push('--memory');
  else {
    add('etcd', options.etcd.endpoints.join(','));
    add('etcd-ca', options.etcd.ca);
    add('etcd-cert', options.etcd.cert);
    add('etcd-key', options.etcd.key);
  }
  add('pki-dir', options.pkiDir);
  add('kubeconfig-out', options.kubeconfigOut);
  add('kubeconfig', options.kubeconfig);
  add('scheduler-config', options.schedulerConfigFile);
  add('components', options.components.join(','));
  add('service-cidr', options.serviceCidr);
  add('pod-cidr', options.podCidr);
  add('cluster-domain', options.clusterDomain);
  add('cluster-dns', options.clusterDns);
  add('node-monitor-grace', `${options.nodeMonitorGraceMs}ms`);
  add('pod-eviction-timeout', `${options.podEvictionTimeoutMs}ms`);
  add('advertise-address', options.advertiseAddress);
  add('extra-sans', options.extraSans?.join(','));
  add('encryption-provider-config', options.encryptionConfigFile);
  add('admission-control-config-file', options.admissionConfigFile);
  add('authentication-config', options.authenticationConfigFile);
  if (options.audit !== undefined) {
    add('audit-policy-file', options.audit.policyFile);
    add('audit-log-path', options.audit.logPath);
    add('audit-log-maxsize', String(options.audit.maxSizeBytes / megabyte));
    add('audit-log-maxbackup', String(options.audit.maxBackups));
    add('audit-log-maxage', String(options.audit.maxAgeMs / dayMs));
  }
  return flags;
}

function readFlags(args: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] ?? '';
    if (!argument.startsWith('--')) throw new FlagError(`unexpected argument "${argument}"`);
    const equals = argument.indexOf('=');
    const name = argument.slice(2, equals < 0 ? undefined : equals);
    if (switches.has(name) && equals < 0) flags.set(name, 'true');
    else if (!valued.has(name)) throw new FlagError(`unknown flag --${name}`);
    else if (equals >= 0) flags.set(name, argument.slice(equals + 1));
    else {
      const value = args[++i];
      if (value === undefined) throw new FlagError(`--${name} needs a value`);
      flags.set(name, value);
    }
  }
  return flags;
}

function readEtcd(flags: Map<string, string>): EtcdOptions {
  const chosen = ['etcd', 'embedded-etcd', 'memory'].filter((name) => flags.has(name));
  const apiRuns = readComponents(flags.get('components')).includes('api');
  if (chosen.length > 1 || (chosen.length === 0 && apiRuns)) {
    throw new FlagError('choose exactly one of --etcd URL[,URL], --embedded-etcd and --memory');
  }
  if (flags.has('embedded-etcd')) return { kind: 'embedded' };
  if (!flags.has('etcd')) return { kind: 'memory' };
  const endpoints = listOf(flags.get('etcd')) ?? [];
  if (endpoints.length === 0 || !endpoints.every((url) => /^https?:\/\/[^/]+$/.test(url))) {
    throw new FlagError('--etcd takes URLs like https://10.0.0.1:2379, separated by commas');
  }
  return {
    kind: 'external',
    endpoints,
    ca: flags.get('etcd-ca'),
    cert: flags.get('etcd-cert'),
    key: flags.get('etcd-key'),
  };
}

const megabyte = 1024 * 1024;
const dayMs = 24 * 3_600_000;

/** Upstream's flags and units: megabytes, files, days. */
function readAudit(flags: Map<string, string>): AuditOptions | undefined {
  const [policyFile, logPath] = [flags.get('audit-policy-file'), flags.get('audit-log-path')];
  if (policyFile === undefined && logPath === undefined) return undefined;
  if (!policyFile || !logPath)
    throw new FlagError('--audit-policy-file says what is recorded and --audit-log-path where: give both, or neither');
  const number = (name: string, fallback: number): number => {
    const text = flags.get(name) ?? String(fallback);
    if (!/^\d{1,9}$/.test(text)) throw new FlagError(`--${name} takes a whole number, not "${text}"`);
    return Number(text);
  };
  const maxSize = number('audit-log-maxsize', 100);
  if (maxSize === 0) throw new FlagError('--audit-log-maxsize must be at least 1 (megabytes)');
  return {
    policyFile,
    logPath,
    maxSizeBytes: maxSize * megabyte,
    maxBackups: number('audit-log-maxbackup', 10),
    maxAgeMs: number('audit-log-maxage', 30) * dayMs,
  };
}

function readComponents(text: string | undefined): ControlPlaneComponent[] {
  const names = listOf(text) ?? [...controlPlaneDefaults.components];
  return names.map((name) => {
    if (name === 'api' || name === 'scheduler' || name === 'controllers') return name;
    throw new FlagError(`--components knows api, scheduler and controllers, not "${name}"`);
  });
}

function listOf(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const parts = text.split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

function parseDurationMs(name: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  if (!match) throw new FlagError(`--${name} takes a time like 40s, 5m or 500ms, not "${text}"`);
  const factors: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  return Math.round(Number(match[1]) * (factors[match[2] ?? 's'] ?? 1000));
}
