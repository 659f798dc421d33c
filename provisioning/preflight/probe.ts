// Asks a machine, as root, what only root can see: who listens on our ports, kernel features, other clusters, the package
// manager's lock, and how long a synced write takes. Installs nothing and leaves nothing behind.
import type { Transport } from '../transport/contract.ts';
import { quote } from '../transport/shell.ts';

/** What the probe found. */
export interface Probe {
  readonly isSystemd: boolean;
  /** Of our ports, those that something other than this cluster's own services listens on. */
  readonly foreignPorts: readonly number[];
  readonly missingKernelFeatures: readonly string[];
  /** Names of other clusters that this machine belongs to. */
  readonly otherClusters: readonly string[];
  readonly foreignContainers: number;
  readonly packageLockHolder: string;
  /** Where this cluster's control plane on the machine keeps its state now; absent when it has none yet. */
  readonly etcd?: 'own' | 'external';
  readonly fsyncP99Ms?: number;
}

const script = (cluster: string): string => `
say() { printf '%s\\t%s\\n' "$1" "$2"; }
say systemd "$([ -d /run/systemd/system ] && echo yes)"
ours=" $(systemctl show -p MainPID --value pilothouse-etcd pilothouse-control-plane pilothouse-agent 2>/dev/null | tr '\\n' ' ') "
# Who listens is asked only where someone does: the answer takes a look at every process.
ports='sport = :2379 or sport = :2380 or sport = :6443 or sport = :10250'
ss -Hltn "$ports" 2>/dev/null | grep -q . && ss -Hltnp "$ports" 2>/dev/null | while read -r _ _ _ local _ users; do
  pid=$(printf %s "$users" | sed -n 's/.*pid=\\([0-9]*\\).*/\\1/p' | head -n1)
  case "$ours" in *" $pid "*) ;; *) say port "\${local##*:}";; esac
done
for feature in overlay:OVERLAY_FS bridge:BRIDGE veth:VETH nf_tables:NF_TABLES br_netfilter:BRIDGE_NETFILTER; do
  module=\${feature%%:*}
  [ -d /sys/module/$module ] || grep -qs "^$module " /proc/modules || modprobe -n $module 2>/dev/null || grep -qs "/$module\\.ko" /lib/modules/$(uname -r)/modules.builtin && continue
  case $module in
    overlay) grep -qw overlay /proc/filesystems && continue;;
    nf_tables) nft list tables >/dev/null 2>&1 && continue;;
    br_netfilter) [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ] && continue;;
    *) systemd-detect-virt -qc && continue;;
  esac
  say missing $module
done
for journal in /var/lib/pilothouse/journal/*.ndjson; do
  [ -e "$journal" ] || continue; owner=$(basename "$journal" .ndjson); [ "$owner" = ${quote(cluster)} ] || say cluster "Pilothouse $owner"
done
[ -e /etc/kubernetes/kubelet.conf ] && say cluster kubeadm
[ -e /etc/rancher/k3s ] && say cluster k3s
if [ -d /var/lib/pilothouse/etcd/member ]; then say etcd own
elif [ -d /etc/pilothouse/pki/etcd-external ] && [ -d /var/lib/pilothouse/control-plane ]; then say etcd external; fi
say containers "$(docker ps -q 2>/dev/null | while read -r id; do docker inspect -f '{{index .Config.Labels "io.kubernetes.pod.uid"}}|' $id 2>/dev/null; done | grep -c '^|')"
inode=$(stat -c %i /var/lib/dpkg/lock-frontend 2>/dev/null)
holder=$(awk -v i=":$inode\$" '$6 ~ i {print $5}' /proc/locks 2>/dev/null | head -n1)
[ -n "$inode" ] && [ -n "$holder" ] && say lock "$(cat /proc/\${holder## }/comm 2>/dev/null || echo "$holder")"
true
`;

/** 60 writes of 2 KiB, each synced, one by one; their times in s, as dd takes them. */
const fsyncScript = `f=$(mktemp /var/lib/.pilothouse-probe.XXXXXX) || exit 0; trap 'rm -f "$f"' EXIT; export LC_ALL=C
i=0; while [ $i -lt 60 ]; do dd if=/dev/zero of="$f" bs=2k count=1 oflag=dsync conv=notrunc; i=$((i+1)); done 2>&1 | sed -n 's/.*, \\([0-9.e-]*\\) s,.*/\\1/p'`;

/** Probes the machine; the disk only when asked (masters). */
export async function probeMachine(transport: Transport, cluster: string, withDisk: boolean): Promise<Probe> {
  const [output, latencies] = await Promise.all([
    transport.run(script(cluster)),
    withDisk ? transport.run(fsyncScript) : undefined,
  ]);
  const said = output.split('\n').map((line) => line.split('\t'));
  const all = (key: string): string[] => said.filter(([name]) => name === key).map(([, value = '']) => value.trim());
  return {
    isSystemd: all('systemd')[0] === 'yes',
    foreignPorts: [...new Set(all('port').map(Number))],
    missingKernelFeatures: all('missing'),
    otherClusters: all('cluster'),
    foreignContainers: Number(all('containers')[0] ?? 0),
    packageLockHolder: all('lock')[0] ?? '',
    etcd: (all('etcd') as ('own' | 'external')[])[0],
    fsyncP99Ms: latencies === undefined ? undefined : percentileMs(latencies),
  };
}

/** The 99th percentile of dd's times (seconds, one per line) in ms; undefined when there are none. */
function percentileMs(output: string): number | undefined {
  const times = output
    .split('\n')
    .filter(Boolean)
    .map(Number)
    .sort((a, b) => a - b);
  const value = times[Math.min(times.length - 1, Math.floor(times.length * 0.99))];
  return value === undefined ? undefined : value * 1000;
}
