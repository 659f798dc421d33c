// Which kernel settings a pod may ask for: those that are namespaced and touch no other pod, and those that the node's
// administrator allowed. Pure. The list of safe ones is upstream's.

const safe = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
] as const;

/** The names that a kernel namespace isolates: exact, or everything under a prefix that ends in a dot. */
const namespaces = {
  IPC: ['kernel.sem', 'kernel.shm', 'kernel.msg', 'fs.mqueue.'],
  Net: ['net.'],
} as const;

/** With dots between its parts: `net/ipv4/conf/eth0.1` keeps the dot of the interface. */
export function normalizeSysctl(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  if (first !== '/') return name;
  return name.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/'));
}

/** The namespace that isolates this setting, if one does. */
export function namespaceOf(sysctl: string): 'IPC' | 'Net' | undefined {
  if (namespaces.IPC.some((prefix) => sysctl.startsWith(prefix))) return 'IPC';
  return namespaces.Net.some((prefix) => sysctl.startsWith(prefix)) ? 'Net' : undefined;
}

/** Why the setting is refused for this pod; undefined when it is not. `allowed` may hold names ending in `*`. */
export function sysctlProblem(
  name: string,
  pod: { readonly hostNetwork?: boolean; readonly hostIPC?: boolean },
  allowed: readonly string[],
): string | undefined {
  const sysctl = normalizeSysctl(name);
  const isAllowed = [...safe, ...allowed.map(normalizeSysctl)].some((pattern) =>
    pattern.endsWith('*') ? sysctl.startsWith(pattern.slice(0, -1)) : sysctl === pattern,
  );
  if (!isAllowed) return `"${sysctl}" not allowlisted`;
  const namespace = namespaceOf(sysctl);
  if (namespace === 'IPC' && pod.hostIPC === true) return `"${sysctl}" not allowed with host ipc enabled`;
  if (namespace === 'Net' && pod.hostNetwork === true) return `"${sysctl}" not allowed with host net enabled`;
  return undefined;
}
