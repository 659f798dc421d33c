// Which ports of this machine lead to which of its pods (`hostPort`). Pure.
import type { Pod } from '../../api/kinds/core/index.ts';
import { parseIpv4 } from './cidr.ts';

export interface HostPortPlan {
  /** "tcp . 8080" → "10.244.1.7 . 80", at every address of the machine. */
  readonly anywhere: ReadonlyMap<string, string>;
  /** "192.168.1.5 . tcp . 8080" → "10.244.1.7 . 80", for ports with a host address. */
  readonly at: ReadonlyMap<string, string>;
  /** Addresses of the pods concerned: they may call themselves by their host port. */
  readonly pods: ReadonlySet<string>;
}

function isRunning({ spec, status }: Readonly<Pod>): boolean {
  const address = status?.podIP;
  if (spec.hostNetwork || address === undefined || parseIpv4(address) === undefined) return false;
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** The plan for the pods of one node; of two pods that want one port the older has it. */
export function planHostPorts(pods: readonly Readonly<Pod>[]): HostPortPlan {
  const anywhere = new Map<string, string>();
  const at = new Map<string, string>();
  const addresses = new Set<string>();
  const age = ({ metadata }: Readonly<Pod>): string => `${metadata.creationTimestamp} ${metadata.uid}`;
  for (const pod of pods.filter(isRunning).sort((a, b) => (age(a) < age(b) ? -1 : 1))) {
    const address = pod.status?.podIP ?? '';
    const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
    for (const { hostPort, hostIP = '', containerPort, protocol = 'TCP' } of containers.flatMap(
      ({ ports = [] }) => ports,
    )) {
      if (!hostPort) continue;
      const isAnywhere = hostIP === '' || hostIP === '0.0.0.0';
      if (!isAnywhere && parseIpv4(hostIP) === undefined) continue;
      const key = `${protocol.toLowerCase()} . ${hostPort}`;
      const map = isAnywhere ? anywhere : at;
      const full = isAnywhere ? key : `${hostIP} . ${key}`;
      if (!map.has(full)) map.set(full, `${address} . ${containerPort}`);
      addresses.add(address);
    }
  }
  return { anywhere, at, pods: addresses };
}
