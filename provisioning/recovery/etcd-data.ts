// The etcd member of a master as recovery handles it: stopped and started, its data set aside and never thrown away, a
// database put in its place. Every action can be repeated; what was set aside comes back by `putBack`.
import type { ClusterSpec, MachineSpec } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { quote } from '../transport/shell.ts';
import type { Transport } from '../transport/contract.ts';

const etcd = 'pilothouse-etcd';
const controlPlane = 'pilothouse-control-plane';
const dataDir = '/var/lib/pilothouse/etcd';
const environmentFile = '/etc/pilothouse/etcd.env';
const dropIn = `/run/systemd/system/${etcd}.service.d/recovery.conf`;

/** Stops the control plane and etcd; done when neither runs. */
export async function stopMaster(master: Transport, signal?: AbortSignal): Promise<void> {
  await master.run(
    `systemctl stop ${controlPlane} ${etcd} 2>/dev/null; systemctl kill -s KILL ${etcd} 2>/dev/null; true`,
    {
      signal,
    },
  );
}

/** Starts the control plane without waiting for it. */
export async function startControlPlane(master: Transport, signal?: AbortSignal): Promise<void> {
  await master.run(`systemctl reset-failed ${controlPlane} 2>/dev/null; systemctl start --no-block ${controlPlane}`, {
    signal,
  });
}

function asidePath(mark: string): string {
  return `${dataDir}.before-${mark}`;
}

/**
 * Moves the member's data and settings aside under `mark`. When something of that mark is aside already, an earlier run
 * was cut: then what is in place is only half made, and removed. Older marks are removed: only one way back is kept.
 */
export async function setAside(master: Transport, mark: string, signal?: AbortSignal): Promise<void> {
  const aside = quote(asidePath(mark));
  await master.run(
    `set -e
for old in ${dataDir}.before-*; do [ -e "$old" ] || continue; [ "$old" = ${aside} ] || rm -rf --one-file-system "$old"; done
if [ -e ${aside} ]; then rm -rf --one-file-system ${dataDir}; else
  mkdir -p ${dataDir}; cp -p ${environmentFile} ${dataDir}/etcd.env 2>/dev/null || true; sync -f ${dataDir}; mv -T ${dataDir} ${aside}; fi`,
    { signal },
  );
}

/** Copies the data aside and leaves it in place, for a member that goes on with it. */
export async function copyAside(master: Transport, mark: string, signal?: AbortSignal): Promise<void> {
  const aside = quote(asidePath(mark));
  await master.run(
    `set -e
[ ! -e ${aside} ] || exit 0
for old in ${dataDir}.before-*; do [ -e "$old" ] || continue; rm -rf --one-file-system "$old"; done
rm -rf ${aside}.unfinished; cp -a --reflink=auto ${dataDir} ${aside}.unfinished; cp -p ${environmentFile} ${aside}.unfinished/etcd.env 2>/dev/null || true
sync -f ${aside}.unfinished; mv -T ${aside}.unfinished ${aside}`,
    { signal },
  );
}

/** Puts back what `setAside` or `copyAside` kept under any mark; false when there is nothing. */
export async function putBack(master: Transport, signal?: AbortSignal): Promise<boolean> {
  const output = await master.run(
    `set -e
for old in ${dataDir}.before-*; do case $old in *.unfinished) continue;; esac; [ -d "$old" ] || continue
  rm -rf --one-file-system ${dataDir}; mv -T "$old" ${dataDir}
  if [ -e ${dataDir}/etcd.env ]; then mv -f ${dataDir}/etcd.env ${environmentFile}; fi
  chown -R etcd: ${dataDir}; echo back; break; done`,
    { signal },
  );
  return output.includes('back');
}

/** Puts a prepared database where a member without a past begins. */
export async function placeDatabase(master: Transport, localPath: string, signal?: AbortSignal): Promise<void> {
  await master.run(`set -e; mkdir -p -m 700 ${dataDir}/member/snap; chmod 700 ${dataDir}`, { signal });
  await master.upload(localPath, `${dataDir}/member/snap/db`, { mode: 0o600, signal });
  await master.run(`chown -R etcd: ${dataDir}; sync -f ${dataDir}`, { signal });
}

/** Tells the member which cluster it founds. A token of its own keeps members of the former cluster out. */
export async function writeFounding(
  master: Transport,
  spec: ClusterSpec,
  founders: readonly MachineSpec[],
  mark: string,
  signal?: AbortSignal,
): Promise<void> {
  const members = founders.map(({ name, address }) => `${name}=https://${address}:2380`).join(',');
  const content = `ETCD_INITIAL_CLUSTER=${members}\nETCD_INITIAL_CLUSTER_STATE=new\nETCD_INITIAL_CLUSTER_TOKEN=${spec.name}-${mark}\n`;
  await master.writeFile(environmentFile, content, { mode: 0o644, signal });
}

/** Starts etcd and waits until systemd calls it active, which it is once its cluster has a leader. */
export async function startEtcd(master: Transport, signal?: AbortSignal, seconds = 120): Promise<void> {
  const { code } = await master.exec(
    `systemctl daemon-reload; systemctl reset-failed ${etcd} 2>/dev/null; systemctl start --no-block ${etcd}
i=0; until systemctl -q is-active ${etcd}; do i=$((i+1)); [ $i -lt ${seconds * 5} ] || exit 1; sleep 0.2; done`,
    { signal },
  );
  if (code === 0) return;
  const log = (await master.exec(`journalctl -u ${etcd} -n 8 --no-pager -o cat`)).stdout.trim().split('\n').join(' | ');
  const values = { machine: master.machine, log };
  throw new ProvisioningError(
    'EtcdNotHealthy',
    text('error.etcdNotHealthy', values),
    text('error.etcdNotHealthy.remedy', values),
  );
}

/**
 * Makes the member the only one of its cluster, keeping its data (etcd's --force-new-cluster), and starts it normally
 * afterwards. The order lives in /run, so that no reboot repeats it.
 */
export async function forceNewCluster(master: Transport, signal?: AbortSignal): Promise<void> {
  await master.run(
    `mkdir -p ${dropIn.replace(/\/[^/]+$/, '')} && printf '[Service]\\nEnvironment=ETCD_FORCE_NEW_CLUSTER=true\\n' > ${dropIn}`,
    { signal },
  );
  try {
    await startEtcd(master, signal);
  } finally {
    await master.run(`rm -rf ${dropIn.replace(/\/[^/]+$/, '')}; systemctl daemon-reload`);
  }
  await master.run(`systemctl stop ${etcd}`, { signal });
  await startEtcd(master, signal);
}

/** What a machine knows of its member without asking the cluster. */
export interface MemberFacts {
  readonly hasData: boolean;
  readonly runs: boolean;
  /** Whether the member sees a leader; unknown when it does not run. */
  readonly hasLeader?: boolean;
  /** The newest revision it holds, as far as its metrics tell. */
  readonly revision?: number;
  /** When its log was last written, milliseconds since the epoch. */
  readonly lastWriteMs?: number;
  /** What ninety-nine of a hundred writes to its log stay under, in milliseconds, since it started. */
  readonly fsyncMs?: number;
}

/** Reads them from the data folder and the member's own loopback metrics, which also answer without a quorum. */
export async function memberFacts(master: Transport, signal?: AbortSignal): Promise<MemberFacts> {
  const script = `[ -d ${dataDir}/member/snap ] && echo data; systemctl -q is-active ${etcd} && echo active
[ "$(systemctl show -p MainPID --value ${etcd})" != 0 ] && echo process
stat -c 'written %Y' ${dataDir}/member/wal/*.wal 2>/dev/null | sort -k2n | tail -1
/opt/pilothouse/current/node -e 'require("http").get("http://127.0.0.1:2381/metrics",{timeout:3000},(r)=>{let t="";r.setEncoding("utf8").on("data",(d)=>t+=d).on("end",()=>console.log(t.split("\\n").filter((l)=>/^etcd_(server_has_leader|debugging_mvcc_current_revision|disk_wal_fsync_duration_seconds_bucket)[ {]/.test(l)).join("\\n")))}).on("error",()=>{})'
true`;
  const output = await master.run(script, { signal });
  const figure = (name: string): number | undefined => {
    const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(output)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const leader = figure('etcd_server_has_leader');
  const written = figure('written');
  return {
    hasData: /^data$/m.test(output),
    runs: /^process$/m.test(output),
    ...(leader !== undefined && { hasLeader: leader === 1 }),
    revision: figure('etcd_debugging_mvcc_current_revision'),
    ...(written !== undefined && { lastWriteMs: written * 1000 }),
    fsyncMs: fsyncP99(output),
  };
}

/** The bound of the histogram's bucket that holds the 99th percentile; undefined without writes. Pure. */
export function fsyncP99(metrics: string): number | undefined {
  const pattern = /^etcd_disk_wal_fsync_duration_seconds_bucket\{le="([^"]+)"\} (\S+)$/gm;
  const buckets = [...metrics.matchAll(pattern)].map(([, bound, count]) => ({
    seconds: bound === '+Inf' ? Infinity : Number(bound),
    count: Number(count),
  }));
  const total = buckets.at(-1)?.count ?? 0;
  const found = total === 0 ? undefined : buckets.find(({ count }) => count >= 0.99 * total);
  return found === undefined || found.seconds === Infinity ? undefined : found.seconds * 1000;
}
