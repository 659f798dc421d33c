// One file with what is needed to understand a cluster in trouble, and no secrets: figures, versions and logs of every
// machine, etcd and its members, objects of the API without Secrets and without the values of ConfigMaps, the cluster file.
// Everything passes through `redact`; what cannot be asked is told in the file, so that half a cluster still gives a bundle.
import { mkdir, rename, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { systemClock } from '../../machinery/clock.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { readBackupSchedule } from '../backup/schedule.ts';
import { formatClusterFile } from '../cluster-file.ts';
import { listCertificates } from '../certificates/list.ts';
import type { ClusterSpec, RunOptions } from '../contract.ts';
import { expandHome, clusterPaths } from '../paths.ts';
import { text } from '../messages/text.ts';
import { openMachines, type OpenMaster } from '../recovery/masters.ts';
import { adminClient } from '../run/api.ts';
import { createStages } from '../run/stages.ts';
import { redact } from './redact.ts';

export interface SupportBundleOptions extends RunOptions {
  /** Where the file goes: a folder, or a name that ends in .tar.gz. */
  readonly output: string;
}

export interface SupportBundle {
  readonly ok: true;
  readonly path: string;
  readonly bytes: number;
  readonly files: readonly string[];
  readonly unreachable: readonly string[];
}

/** Scripts on every machine; each becomes one file. None reads a key or an environment. */
const onMachines: Readonly<Record<string, string>> = {
  'system.txt':
    'hostnamectl 2>/dev/null || cat /etc/os-release; uname -a; uptime; date -u; timedatectl 2>/dev/null; nproc; free -m; df -h -x overlay -x tmpfs; cat /proc/pressure/* 2>/dev/null',
  'units.txt':
    'systemctl list-units --all --no-pager "pilothouse-*" docker.service containerd.service; systemctl --failed --no-pager',
  'versions.txt':
    'readlink /opt/pilothouse/current; /opt/pilothouse/current/node --version; docker version 2>/dev/null; etcd --version 2>/dev/null; dpkg-query -W docker.io etcd-server nftables containerd 2>/dev/null',
  'network.txt':
    'ip -br address; ip route; ip -d link show type vxlan; nft list tables; ss -tlnp | sed "s/users:.*//"; sysctl net.ipv4.ip_forward',
  'containers.txt': 'docker ps -a --format "{{.Names}} {{.Image}} {{.Status}}"; docker system df',
  'journal.ndjson':
    'cat /var/lib/pilothouse/journal/*.ndjson 2>/dev/null | sed \'s/"record":.*/"record":"[left out]"}/\'',
  'control-plane.log': 'journalctl -u pilothouse-control-plane -n 4000 --no-pager -o short-iso',
  'etcd.log': 'journalctl -u pilothouse-etcd -n 2000 --no-pager -o short-iso',
  'agent.log': 'journalctl -u pilothouse-agent -n 4000 --no-pager -o short-iso',
  'docker.log': 'journalctl -u docker -n 1000 --no-pager -o short-iso',
  'kernel.log': 'dmesg -T 2>/dev/null | tail -500',
};

/** Lists of the API; Secrets are not among them. */
const fromApi: Readonly<Record<string, string>> = {
  nodes: '/api/v1/nodes',
  pods: '/api/v1/pods',
  events: '/api/v1/events',
  services: '/api/v1/services',
  namespaces: '/api/v1/namespaces',
  deployments: '/apis/apps/v1/deployments',
  replicasets: '/apis/apps/v1/replicasets',
  daemonsets: '/apis/apps/v1/daemonsets',
  statefulsets: '/apis/apps/v1/statefulsets',
  leases: '/apis/coordination.k8s.io/v1/leases',
  readyz: '/readyz?verbose',
  version: '/version',
};

/** Collects the bundle; resolves also when machines or the API cannot be asked. */
export async function createSupportBundle(spec: ClusterSpec, options: SupportBundleOptions): Promise<SupportBundle> {
  const stages = createStages(options.onProgress, 'support');
  const known = secretsOf(spec);
  const files = new Map<string, string>();
  const add = (name: string, content: string): void => void files.set(name, redact(content, known));
  const attempt = async (name: string, work: () => Promise<string>): Promise<void> => {
    try {
      add(name, await work());
    } catch (error) {
      options.signal?.throwIfAborted();
      add(`${name}.error`, error instanceof Error ? error.message : String(error));
    }
  };
  const asJson = (work: () => Promise<unknown>) => async (): Promise<string> =>
    JSON.stringify(await work(), undefined, 2);

  add('cluster.yaml', formatClusterFile(spec));
  const unreachable = await stages.run('machines', text('support.machines'), async () => {
    const machines = await openMachines(spec.machines, spec, options).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      add('machines.error', error instanceof Error ? error.message : String(error));
      return undefined;
    });
    try {
      await Promise.all((machines?.open ?? []).map((machine) => askMachine(machine, attempt, options.signal)));
      for (const { machine, reason } of machines?.lost ?? []) add(`machines/${machine.name}/unreachable.txt`, reason);
      return machines?.lost.map(({ machine }) => machine.name) ?? spec.machines.map(({ name }) => name);
    } finally {
      machines?.close();
    }
  });
  await stages.run('api', text('support.api'), async () => {
    const client = await adminClient({ spec, paths: clusterPaths(spec.name, options.home) });
    try {
      await Promise.all(
        Object.entries(fromApi).map(([name, path]) =>
          attempt(`api/${name}.json`, () => ask(client, path, options.signal)),
        ),
      );
    } finally {
      client.close();
    }
    await attempt(
      'certificates.json',
      asJson(() => listCertificates(spec, { home: options.home, signal: options.signal })),
    );
    await attempt(
      'backups.json',
      asJson(() => readBackupSchedule(spec, { home: options.home, signal: options.signal })),
    );
  });
  const path = pathOf(spec, options.output);
  const bytes = await stages.run('write', text('support.write', { path }), () => writeArchive(path, files));
  return { ok: true, path, bytes, files: [...files.keys()].sort(), unreachable };
}

async function askMachine(
  { machine, transport }: OpenMaster,
  attempt: (name: string, work: () => Promise<string>) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  for (const [name, script] of Object.entries(onMachines)) {
    if (machine.role === 'node' && /etcd|control-plane/.test(name)) continue;
    await attempt(`machines/${machine.name}/${name}`, async () => (await transport.exec(script, { signal })).stdout);
  }
}

async function ask(client: RestClient, target: string, signal?: AbortSignal): Promise<string> {
  const [path = target, search = ''] = target.split('?');
  const limit = AbortSignal.any([AbortSignal.timeout(15_000), ...(signal === undefined ? [] : [signal])]);
  const query = Object.fromEntries(new URLSearchParams(search));
  const response = await client.request({ method: 'GET', path, query, signal: limit });
  return withoutEnvironment(await response.text());
}

/** Values of environment variables of pods may be secrets under any name. */
function withoutEnvironment(json: string): string {
  try {
    return JSON.stringify(
      JSON.parse(json, (key, value: unknown) =>
        key === 'env' && Array.isArray(value)
          ? value.map((entry: { name?: string }) => ({ name: entry.name }))
          : key === 'managedFields' || key === 'kubectl.kubernetes.io/last-applied-configuration'
            ? undefined
            : value,
      ),
      undefined,
      1,
    );
  } catch {
    return json; // readyz answers plain text
  }
}

/** Every secret that this console knows by value. */
function secretsOf(spec: ClusterSpec): string[] {
  return spec.machines.flatMap(({ credentials }) =>
    [credentials.password, credentials.sudoPassword, credentials.passphrase, credentials.privateKey].filter(
      (secret) => secret !== undefined,
    ),
  );
}

function pathOf(spec: ClusterSpec, output: string): string {
  const time = new Date(systemClock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  const path = resolve(expandHome(output));
  return path.endsWith('.tar.gz') ? path : resolve(path, `pilothouse-support-${spec.name}-${time}.tar.gz`);
}

async function writeArchive(path: string, files: ReadonlyMap<string, string>): Promise<number> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.unfinished`;
  try {
    const archive = pack();
    for (const [name, content] of [...files].sort()) archive.entry({ name: `support/${name}`, mode: 0o600 }, content);
    archive.finalize();
    const out = createWriteStream(unfinished, { mode: 0o600 });
    await pipeline(archive, createGzip(), out);
    await rename(unfinished, path);
    return out.bytesWritten;
  } finally {
    await rm(unfinished, { force: true });
  }
}
