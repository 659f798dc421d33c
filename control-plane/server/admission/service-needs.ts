// What a Service has to be given, by its type, and what it keeps over an update. Pure.
import type { Service } from '../../../api/kinds/core/index.ts';

/** Whether it has a cluster IP from the range: not when headless, not when it is only a name. */
export function needsClusterIp({ spec }: Readonly<Service>): boolean {
  return spec.type !== 'ExternalName' && spec.clusterIP !== 'None';
}

/** Whether its ports are open on every node. */
export function needsNodePorts({ spec }: Readonly<Service>): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

/** The node ports that it holds, each once. */
export function portsHeld({ spec }: Readonly<Service>): number[] {
  const ports = (spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0);
  return [...new Set([...ports, spec.healthCheckNodePort ?? 0])].filter((port) => port !== 0);
}

/** An update that leaves allocated values out means to keep them (a client that applies what it once wrote). */
export function keepAllocated(next: Service, previous: Readonly<Service>): void {
  if (needsClusterIp(next) && needsClusterIp(previous) && !next.spec.clusterIP) {
    next.spec.clusterIP = previous.spec.clusterIP;
    next.spec.clusterIPs = previous.spec.clusterIPs === undefined ? undefined : [...previous.spec.clusterIPs];
  }
  if (next.spec.type === 'ExternalName' && next.spec.clusterIP === previous.spec.clusterIP) {
    delete next.spec.clusterIP;
    delete next.spec.clusterIPs;
  }
  if (
    next.spec.healthCheckNodePort === undefined &&
    next.spec.externalTrafficPolicy === 'Local' &&
    next.spec.type === 'LoadBalancer'
  ) {
    next.spec.healthCheckNodePort = previous.spec.healthCheckNodePort;
  }
  if (next.spec.type !== 'ExternalName') {
    next.spec.ipFamilies ??= previous.spec.ipFamilies;
    next.spec.ipFamilyPolicy ??= previous.spec.ipFamilyPolicy;
  }
  if (!needsNodePorts(next) || !needsNodePorts(previous)) return;
  const taken = new Set((next.spec.ports ?? []).map(({ nodePort }) => nodePort));
  for (const port of next.spec.ports ?? []) {
    if (port.nodePort) continue;
    const before = (previous.spec.ports ?? []).find((old) => old.port === port.port && old.protocol === port.protocol);
    if (before?.nodePort !== undefined && !taken.has(before.nodePort)) port.nodePort = before.nodePort;
  }
}
