// For tests: everything about a machine that provisioning may touch, as text to compare. Left out is what changes by
// itself: logs, caches, run-time folders, and the backup copies that the user database keeps of itself.
import { execFileSync } from 'node:child_process';
import type { LabMachine } from '../contract.ts';

const unwatched = ['/proc', '/sys', '/run', '/tmp', '/var/tmp', '/dev', '/var/log', '/var/cache', '/root/.ssh'];
const script = `
section() { echo "== $1"; }
section packages; dpkg-query -W -f '\${db:Status-Abbrev} \${Package} \${Version}\\n'
section files; find / -xdev \\( ${unwatched.map((path) => `-path ${path}`).join(' -o ')} \\) -prune -o -printf '%p %y %m %u:%g %l\\n' | sort
section contents; find /etc /root /opt /usr/local -xdev -type f ! -path '/etc/*-' ! -path '/root/.ssh/*' -exec md5sum {} + | sort -k2
section units; systemctl list-unit-files --no-legend --no-pager | sort
section active; systemctl list-units --no-legend --no-pager --plain --state=active,failed --type=service,socket | awk '{print $1, $3}' | grep -v '^ssh@' | sort
section users; getent passwd; getent group
section interfaces; ip -o link | sed 's/^[0-9]*: \\([^:@]*\\).*/\\1/'
section addresses; ip -o -4 addr | awk '{print $2, $4}'
section routes; ip -4 route show table all
section firewall; nft list ruleset; iptables-save 2>/dev/null | grep -v '^#'
section parameters; sysctl -a 2>/dev/null | grep -e "^net.ipv4.ip_forward " -e "^net.bridge" -e "send_redirects" -e "arp_notify" | grep -v -e "conf.ph" -e "conf.vb-"
section mounts; findmnt -rno TARGET | grep -v '^/run/' | sort
section processes; ps -eo user:20,comm | grep -v -e ps -e sshd -e ' sh$' -e ' awk$' -e ' grep$' -e ' sort$' -e ' bash$' -e ' uniq$' | sort | uniq
section cgroups; ls -d /sys/fs/cgroup/*/docker /sys/fs/cgroup/*/kubepods* 2>/dev/null
true`;

/** What ssh needs to run a shell script as root on a lab machine. */
export function sshArguments(machine: LabMachine, command: string): string[] {
  const flags = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'ConnectTimeout=10'];
  return [
    '-i',
    machine.keyPath,
    ...flags.flatMap((flag) => ['-o', flag]),
    `${machine.user}@${machine.address}`,
    command,
  ];
}

/** Runs a shell script as root on a lab machine, over ssh. */
export function onMachine(machine: LabMachine, command: string): string {
  return execFileSync('ssh', sshArguments(machine, command), { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 });
}

/** The machine's snapshot. */
export function snapshot(machine: LabMachine): string {
  return onMachine(machine, script);
}

/** Lines that are in one snapshot only, marked `-` and `+`; empty when nothing differs. */
export function difference(before: string, after: string): string[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const [oldSet, freshSet] = [new Set(old), new Set(fresh)];
  return [
    ...old.filter((line) => !freshSet.has(line)).map((line) => `- ${line}`),
    ...fresh.filter((line) => !oldSet.has(line)).map((line) => `+ ${line}`),
  ];
}
