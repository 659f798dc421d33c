// Reads and writes cluster.yaml. What is read is complete and consistent: unknown fields, duplicates and overlapping
// ranges are refused together, with the place of each. What is written holds no secret.
import { isAbsolute, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { ClusterSpec, Credentials, JumpHost, MachineSpec, Text } from './contract.ts';
import { ProvisioningError } from './errors.ts';
import { asTold, fieldProblems } from './messages/field-problems.ts';
import { text, textOfProblems } from './messages/text.ts';
import { anchoredEtcd, etcdSchema } from './external-etcd/settings.ts';
import { clusterProblems } from './plan/cluster-problems.ts';
import { readSite, siteSchema } from './site-settings.ts';
import { parseDestination, type SshConfig } from './transport/ssh-config.ts';

const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, text('word.dnsLabel').en);
const dnsName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, text('word.dnsName').en)
  .max(253);
const address = z.string().regex(/^[A-Za-z0-9]([-A-Za-z0-9.:]*[A-Za-z0-9])?$/, text('word.address').en);

const userName = z.string().regex(/^[a-z_][-a-z0-9_.]*$/i, text('word.userName').en);
const portNumber = z.int().min(1).max(65535);

const credentialFields = {
  keyPath: z.string().min(1).optional(),
  privateKey: z.string().optional(),
  passphrase: z.string().optional(),
  password: z.string().optional(),
  agent: z.boolean().optional(),
  sudoPassword: z.string().optional(),
};

const jumpSchema = z.union([
  z.string().min(1),
  z.strictObject({ address, port: portNumber.optional(), user: userName.optional(), ...credentialFields }),
]);

const machineSchema = z.strictObject({
  name: dnsLabel,
  address,
  port: portNumber.optional(),
  user: userName.optional(),
  role: z.enum(['master', 'node', 'both']),
  ...credentialFields,
  /** `[user@]host[:port]`, several of them in their order, or with credentials of their own. */
  jump: z.union([jumpSchema, z.array(jumpSchema)]).optional(),
  labels: z.record(z.string(), z.string()).optional(),
});

const settingsSchema = z.strictObject({
  nodeMonitorGraceSeconds: z.int().min(5).max(3600).default(40),
  podEvictionTimeoutSeconds: z.int().min(0).max(86400).default(300),
  parallelism: z.int().min(1).max(100).default(10),
  extraSans: z.array(address).default([]),
  virtualAddress: z.union([z.ipv4(), z.literal('none')]).optional(),
  etcd: etcdSchema.optional(),
  site: siteSchema.optional(),
});

const clusterSchema = z.strictObject({
  apiVersion: z.literal('pilothouse.io/v1').optional(),
  kind: z.literal('Cluster').optional(),
  name: dnsLabel,
  machines: z.array(machineSchema).min(1),
  podCidr: z.string().default('10.244.0.0/16'),
  serviceCidr: z.string().default('10.96.0.0/16'),
  clusterDomain: dnsName.default('cluster.local'),
  settings: settingsSchema.prefault({}),
});

/** What a cluster file may say; everything but name and machines has a default. */
export type ClusterFile = z.input<typeof clusterSchema>;

/** The cluster file cannot be used; `problems` are sentences with their places. */
export class ClusterFileError extends ProvisioningError {
  readonly problems: readonly Text[];
  constructor(problems: readonly Text[]) {
    super('ClusterFile', textOfProblems('error.clusterFile', problems), text('error.clusterFile.remedy'));
    this.name = 'ClusterFileError';
    this.problems = problems;
  }
}

export interface ReadOptions {
  /** What key paths are relative to. */
  readonly baseDir?: string;
  /** The administrator's ~/.ssh/config, for what the file does not say. */
  readonly sshConfig?: SshConfig;
  /** It describes a cluster that exists, which may have an even number of masters for a while. */
  readonly isRunning?: boolean;
}

/** The cluster that `yaml` describes, key paths relative to `baseDir`; throws ClusterFileError with all problems at once. */
export function readClusterFile(yaml: string, options: ReadOptions = {}): ClusterSpec {
  let document: unknown;
  try {
    document = parse(yaml);
  } catch (cause) {
    throw new ClusterFileError([asTold(cause)]);
  }
  return createClusterSpec(document, options);
}

/** The cluster that a plain object in the file's form describes (the wizard's form, a test); same checks as the file. */
export function createClusterSpec(document: unknown, options: ReadOptions = {}): ClusterSpec {
  const parsed = clusterSchema.safeParse(document);
  if (!parsed.success) throw new ClusterFileError(fieldProblems(clusterSchema, document));
  const { apiVersion: _version, kind: _kind, machines, settings, ...rest } = parsed.data;
  const { site: given, etcd, ...others } = settings;
  const read = given === undefined ? undefined : readSite(given, options.baseDir);
  const spec: ClusterSpec = {
    ...rest,
    settings: {
      ...others,
      ...(etcd === undefined ? {} : { etcd: anchoredEtcd(etcd, (path) => anchored(path, options.baseDir) ?? path) }),
      ...(read === undefined ? {} : { site: read.site }),
    },
    machines: machines.map((machine) => toMachine(machine, options)),
  };
  const problems = [...clusterProblems(spec, options), ...(read?.problems ?? [])];
  if (problems.length > 0) throw new ClusterFileError(problems);
  return spec;
}

/** cluster.yaml for `spec`, without passwords and passphrases. */
export function formatClusterFile(spec: ClusterSpec): string {
  const { machines, ...rest } = withoutSecrets(spec);
  const flat = machines.map(({ credentials, jump, ...machine }) => ({
    ...machine,
    ...credentials,
    ...(jump === undefined ? {} : { jump: jump.map(({ credentials: own, ...hop }) => ({ ...hop, ...own })) }),
  }));
  return stringify({ apiVersion: 'pilothouse.io/v1', kind: 'Cluster', ...rest, machines: flat });
}

/** The same cluster with every password and passphrase removed: fit for files, logs and screens. */
export function withoutSecrets(spec: ClusterSpec): ClusterSpec {
  return {
    ...spec,
    machines: spec.machines.map((machine) => ({
      ...machine,
      credentials: openCredentials(machine.credentials),
      ...(machine.jump === undefined ? {} : { jump: machine.jump.map(openJump) }),
    })),
  };
}

/** One machine in the file's form, for a cluster that exists; throws ClusterFileError. */
export function createMachineSpec(document: unknown, options: ReadOptions = {}): MachineSpec {
  const parsed = machineSchema.safeParse(document);
  if (!parsed.success) throw new ClusterFileError(fieldProblems(machineSchema, document));
  return toMachine(parsed.data, options);
}

function toMachine(
  { address: host, port, user, jump, name, role, labels, ...login }: z.output<typeof machineSchema>,
  options: ReadOptions,
): MachineSpec {
  const settings = options.sshConfig?.lookUp(host);
  const given = credentialsOf(login, options);
  const isLoginGiven = [given.keyPath, given.privateKey, given.password, given.agent].some(Boolean);
  const hops = jump === undefined ? (settings?.proxyJump ?? []) : [jump].flat();
  return {
    name,
    address: settings?.hostName ?? host,
    port: port ?? settings?.port ?? 22,
    user: user ?? settings?.user ?? 'root',
    role,
    credentials:
      isLoginGiven || settings?.identityFile === undefined ? given : { ...given, keyPath: settings.identityFile },
    ...(hops.length === 0 ? {} : { jump: hops.map((hop) => toJump(hop, options)) }),
    ...(labels === undefined ? {} : { labels }),
  };
}

function toJump(hop: z.output<typeof jumpSchema>, options: ReadOptions): JumpHost {
  if (typeof hop !== 'string') {
    const { address: host, port = 22, user = 'root', ...login } = hop;
    const credentials = credentialsOf(login, options);
    return { address: host, port, user, ...(Object.keys(credentials).length === 0 ? {} : { credentials }) };
  }
  const { host, port, user } = parseDestination(hop);
  const settings = options.sshConfig?.lookUp(host);
  return {
    address: settings?.hostName ?? host,
    port: port ?? settings?.port ?? 22,
    user: user ?? settings?.user ?? 'root',
    ...(settings?.identityFile === undefined ? {} : { credentials: { keyPath: settings.identityFile } }),
  };
}

function credentialsOf({ keyPath, ...login }: Credentials, options: ReadOptions): Credentials {
  return defined({ keyPath: anchored(keyPath, options.baseDir), ...login });
}

function openCredentials({ keyPath, agent }: Credentials): Credentials {
  return defined({ keyPath, agent });
}

function openJump({ credentials, ...hop }: JumpHost): JumpHost {
  return credentials === undefined ? hop : { ...hop, credentials: openCredentials(credentials) };
}

function defined(credentials: Credentials): Credentials {
  return Object.fromEntries(Object.entries(credentials).filter(([, value]) => value !== undefined));
}

function anchored(path: string | undefined, baseDir: string | undefined): string | undefined {
  if (path === undefined || baseDir === undefined || isAbsolute(path) || path.startsWith('~/')) return path;
  return resolve(baseDir, path);
}
