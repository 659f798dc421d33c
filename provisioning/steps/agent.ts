// The agent of a machine under systemd. Containers are Docker's children, so they outlive the agent; only revert ends them
// and takes down what the agent made in the network.
import type { ClusterSpec, MachineSpec } from '../contract.ts';
import { dnsServiceAddress, serversOf } from '../pki/cluster-pki.ts';
import { mastersAreTainted } from '../plan/plan-cluster.ts';
import { type MachineContext, machineStep } from '../run/step.ts';
import { etcFolder } from './certificates.ts';
import { runsCurrentVersion, withFolder } from './control-plane.ts';
import { quote } from '../transport/shell.ts';
import { absentFolders, removeFolders } from './files.ts';
import { oneByOne, removeUnit, startUnit, type Unit, unitRuns, waitActive } from './unit.ts';

const name = 'pilothouse-agent';
const dataDir = '/var/lib/pilothouse/agent';
const masterTaint = 'node-role.kubernetes.io/control-plane:NoSchedule';

/** Small young generation and one helper thread: 127 MB resident become 100. */
const leanNode = ['--max-semi-space-size=1', '--v8-pool-size=1'];

interface Found {
  readonly absent: readonly string[];
  /** Lines of `sysctl name=value` for what the agent sets while it runs. */
  readonly parameters: readonly string[];
}

/** What the network part of the agent changes: redirects off, addresses announced on the uplink. */
const readParameters = `for f in /proc/sys/net/ipv4/conf/all/send_redirects /proc/sys/net/ipv4/conf/*/arp_notify; do
case $f in */ph*|*/vb-*) ;; *) echo "$(echo \${f#/proc/sys/} | tr / .)=$(cat $f)";; esac; done`;

/** The agent's command line on `machine`, after the program's own name; its own API server first on a master. */
export function agentFlags(spec: ClusterSpec, machine: MachineSpec): string[] {
  const own = `https://${machine.address}:6443`;
  const servers = serversOf(spec).sort((a, b) => Number(b === own) - Number(a === own));
  const roles = [machine.role !== 'node' ? 'control-plane' : '', machine.role !== 'master' ? 'worker' : ''].filter(
    Boolean,
  );
  const labels = {
    ...machine.labels,
    ...Object.fromEntries(roles.map((role) => [`node-role.kubernetes.io/${role}`, ''])),
  };
  const flags: Record<string, string> = {
    kubeconfig: `${etcFolder}/agent.kubeconfig`,
    server: servers.join(','),
    'node-name': machine.name,
    'data-dir': dataDir,
    'cluster-dns': dnsServiceAddress(spec),
    'cluster-domain': spec.clusterDomain,
    'service-cidr': spec.serviceCidr,
    'pod-cidr': spec.podCidr,
    'tls-cert': `${etcFolder}/pki/kubelet.crt`,
    'tls-key': `${etcFolder}/pki/kubelet.key`,
    'client-ca': `${etcFolder}/pki/ca.crt`,
    'node-labels': Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
  };
  if (/^[0-9.]+$/.test(machine.address)) flags['node-ip'] = machine.address;
  if (machine.role === 'master' && mastersAreTainted(spec)) flags['register-taints'] = masterTaint;
  return Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
}

/** The agent's unit on `machine`. */
export function agentUnit({ spec, machine }: Pick<MachineContext, 'spec' | 'machine'>): Unit {
  return withFolder({
    name,
    description: 'Pilothouse node agent',
    command: [
      '/opt/pilothouse/current/node',
      ...leanNode,
      '/opt/pilothouse/current/agent.mjs',
      ...agentFlags(spec, machine),
    ],
    after: ['docker.service'],
    // Only the agent itself ends with its unit: what belongs to pods is left alone.
    service: [
      'Environment=NODE_ENV=production MALLOC_ARENA_MAX=2',
      'KillMode=process',
      'Delegate=yes',
      'TimeoutStopSec=45',
    ],
  });
}

/** Ends all pods and removes the interfaces, routes, tables and mounts that the agent made. */
const takeDown = `
ids=$(docker ps -aq --filter label=io.kubernetes.pod.uid 2>/dev/null); [ -z "$ids" ] || docker rm -f $ids >/dev/null
for link in $(ip -o link show | sed -n 's/^[0-9]*: \\(ph0\\|ph-dns\\|ph-vxlan\\|phv[^:@]*\\)[:@].*/\\1/p'); do ip link delete "$link" 2>/dev/null || true; done
ip route flush proto 112 2>/dev/null || true
ip -o -4 addr show | awk '/:phlb/ {print $4, $2}' | while read -r address link; do ip addr del "$address" dev "$link" || true; done
nft list tables 2>/dev/null | while read -r _ family table; do case "$table" in pilothouse*) nft delete table "$family" "$table";; esac; done
if command -v iptables-save >/dev/null; then
  iptables-save 2>/dev/null | grep -- '--comment "\\?pilothouse' | sed 's/^-A/-D/' | while read -r rule; do eval "iptables $rule" || true; done
fi
find /sys/fs/cgroup/kubepods* /sys/fs/cgroup/*/kubepods* -depth -type d -exec rmdir {} \\; 2>/dev/null || true
findmnt -rno TARGET | grep '^${dataDir}' | sort -r | while read -r target; do umount -l "$target"; done
true
`;

export const agentStep = machineStep<Found>({
  kind: 'agent',
  async check(context) {
    const checks = [unitRuns(context, agentUnit(context)), runsCurrentVersion(context, name)];
    return (await Promise.all(checks)).every(Boolean);
  },
  async record(context) {
    const parameters = (await context.transport.run(readParameters)).split('\n').filter(Boolean);
    return { absent: await absentFolders(context.transport, [dataDir]), parameters };
  },
  async apply(context) {
    await oneByOne(context, name, async () => {
      await startUnit(context, agentUnit(context));
      await waitActive(context, name, { seconds: 120, port: 10250, mostEnds: 4 });
    });
  },
  async revert(context, found) {
    await removeUnit(context, name);
    await context.transport.run(takeDown, { onOutput: context.log });
    const set = found.parameters.map((line) => `sysctl -q -w ${quote(line)} 2>/dev/null`);
    await context.transport.run(`${set.join('\n')}\ntrue`);
    await removeFolders(context.transport, found.absent);
  },
});
