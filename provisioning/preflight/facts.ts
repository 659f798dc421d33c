// Learns what a machine is in one command, as the login user or root, changing nothing.
import type { Clock } from '../../machinery/clock.ts';
import type { MachineFacts } from '../contract.ts';
import type { Transport } from '../transport/contract.ts';

const script = `
. /etc/os-release 2>/dev/null
say() { printf '%s\\t%s\\n' "$1" "$2"; }
say time "$(date +%s.%N)"
say hostname "$(cat /proc/sys/kernel/hostname)"
say machineId "$(cat /etc/machine-id 2>/dev/null)"
say osId "$ID"; say osVersion "$VERSION_ID"; say osName "$PRETTY_NAME"; say codename "$VERSION_CODENAME"
say arch "$(uname -m)"; say kernel "$(uname -r)"
say cpus "$(grep -c ^processor /proc/cpuinfo)"
say memoryKiB "$(sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)"
say diskFreeKiB "$(df -Pk /var/lib | awk 'NR==2 {print $4}')"
say addresses "$(ip -o -4 addr show scope global 2>/dev/null | awk '$2 !~ /^(ph0|ph-|phv)/ {print $4}' | cut -d/ -f1 | tr '\\n' ' ')"
say docker "$(command -v dockerd >/dev/null 2>&1 && dockerd --version 2>/dev/null | sed 's/.*version \\([^,]*\\).*/\\1/')"
say etcd "$(command -v etcd >/dev/null 2>&1 && etcd --version 2>/dev/null | sed -n 's/^etcd Version: //p')"
say apparmor "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)"
say swapKiB "$(sed -n 's/^SwapTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)"
say timesync "$(for u in systemd-timesyncd chrony chronyd ntp ntpsec ntpd; do systemctl -q is-active $u 2>/dev/null && echo yes && break; done)"
say selinux "$(command -v getenforce >/dev/null 2>&1 && getenforce)"
say firewalls "$(for u in ufw firewalld; do systemctl -q is-active $u 2>/dev/null && { [ $u != ufw ] || grep -qsi '^ENABLED=yes' /etc/ufw/ufw.conf; } && printf '%s ' $u; done)"
say container "$(systemd-detect-virt -c 2>/dev/null)"
`;

const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

/**
 * How far a clock that said `saidMs` is off, at least: it was read at some moment between question and answer, and a slow
 * machine is no wrong clock.
 */
export function clockSkewMs(saidMs: number, askedMs: number, answeredMs: number): number {
  if (saidMs < askedMs) return Math.round(saidMs - askedMs);
  return saidMs > answeredMs ? Math.round(saidMs - answeredMs) : 0;
}

/** The machine's facts. */
export async function gatherFacts(transport: Transport, clock: Clock, unprivileged = false): Promise<MachineFacts> {
  const askedAt = clock.now();
  const output = await transport.run(script, { unprivileged });
  const answeredAt = clock.now();
  const said = new Map(
    output.split('\n').map((line) => {
      const [key = '', ...value] = line.split('\t');
      return [key, value.join('\t').trim()];
    }),
  );
  const get = (key: string): string => said.get(key) ?? '';
  const container = get('container');
  return {
    machine: transport.machine,
    hostname: get('hostname'),
    machineId: get('machineId'),
    osId: get('osId'),
    osVersion: get('osVersion'),
    osName: get('osName'),
    osCodename: get('codename'),
    arch: architectures[get('arch')] ?? get('arch'),
    kernel: get('kernel'),
    cpus: Number(get('cpus')),
    memoryBytes: Number(get('memoryKiB')) * 1024,
    diskFreeBytes: Number(get('diskFreeKiB')) * 1024,
    addresses: get('addresses').split(' ').filter(Boolean),
    clockSkewMs: clockSkewMs(Number(get('time')) * 1000, askedAt, answeredAt),
    dockerVersion: get('docker') || undefined,
    etcdVersion: get('etcd') || undefined,
    swapBytes: Number(get('swapKiB')) * 1024,
    hasTimeSync: get('timesync') === 'yes' || container !== '',
    selinux: get('selinux') || undefined,
    firewalls: get('firewalls').split(' ').filter(Boolean),
    hasAppArmor: get('apparmor') === 'Y' && container !== 'systemd-nspawn',
    isContainer: container !== '' && container !== 'none',
  };
}
