// Defaults of a Service that concern several of its fields. Addresses and node ports are the server's to allot.
import type { Service } from './service.ts';

/** Traffic policies and session affinity, by the service's type. */
export function fillService({ spec }: Service): void {
  if (spec === undefined) return;
  const type = spec.type || 'ClusterIP';
  if (spec.sessionAffinity === 'ClientIP') {
    spec.sessionAffinityConfig ??= {};
    spec.sessionAffinityConfig.clientIP ??= {};
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= 10800;
  } else {
    delete spec.sessionAffinityConfig;
  }
  for (const port of spec.ports ?? []) {
    // Go clients say nothing by the zero of their type.
    if (port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
  }
  const external = type === 'NodePort' || type === 'LoadBalancer';
  if (external || (type === 'ClusterIP' && spec.externalIPs !== undefined)) spec.externalTrafficPolicy ||= 'Cluster';
  if (type !== 'ExternalName') spec.internalTrafficPolicy ||= 'Cluster';
  if (type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}
