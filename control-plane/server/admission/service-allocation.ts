// Gives Services their cluster IP and node ports, keeps them over updates, and takes them back.
// What was taken for a write that fails later is given back.
import type { Service, ServicePort } from '../../../api/kinds/core/index.ts';
import { invalid } from '../../../api/meta/status.ts';
import type { FieldError } from '../../../api/schema/field-error.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { ClusterIps, Owner } from '../allocation/cluster-ips.ts';
import type { NodePorts } from '../allocation/node-ports.ts';
import { keepAllocated, needsClusterIp, needsNodePorts, portsHeld } from './service-needs.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

/** Allocators of one server. */
export interface ServiceAllocators {
  readonly clusterIps: ClusterIps;
  readonly nodePorts: NodePorts;
  readonly logger: Logger;
}

/** The allocation step; it stands last among the mutating ones. */
export function createServiceAllocation({ clusterIps, nodePorts, logger }: ServiceAllocators): AdmissionPlugin {
  const later = (work: Promise<void>): void => {
    work.catch((error: unknown) =>
      logger.warn({ err: error }, 'an address or port could not be given back; it will be found later'),
    );
  };

  const takeClusterIp = async (request: AdmissionRequest, service: Service): Promise<void> => {
    const owner = ownerOf(service);
    const asked = service.spec.clusterIP ?? '';
    let address = asked;
    if (asked === '') {
      const found = await clusterIps.allocate(owner);
      if (found === undefined)
        throw refuse(service, 'spec.clusterIPs', [], 'failed to allocate a serviceIP: range is full');
      address = found;
    } else if (!request.dryRun) {
      const why = await clusterIps.claim(asked, owner);
      if (why !== undefined) throw refuse(service, 'spec.clusterIPs', [asked], why);
    }
    const release = (): void => later(clusterIps.release(address, owner));
    if (request.dryRun) release();
    else request.onFailure(release);
    service.spec.clusterIP = address;
    service.spec.clusterIPs = [address];
  };

  const takePort = async (
    request: AdmissionRequest,
    service: Service,
    path: string,
    asked: number | undefined,
  ): Promise<number> => {
    let port = asked ?? 0;
    if (port === 0) {
      const found = await nodePorts.allocate();
      if (found === undefined) throw refuse(service, path, 0, 'failed to allocate a nodePort: range is full');
      port = found;
    } else if (!request.dryRun) {
      const why = await nodePorts.claim(port);
      if (why !== undefined) throw refuse(service, path, port, why);
    }
    const release = (): void => later(nodePorts.release([port]));
    if (!request.dryRun) request.onFailure(release);
    else if ((asked ?? 0) === 0) release();
    return port;
  };

  const takePorts = async (request: AdmissionRequest, service: Service, held: ReadonlySet<number>): Promise<void> => {
    // One number may serve TCP and UDP of the same port.
    const mine = new Set(held);
    for (const [index, port] of (service.spec.ports ?? []).entries()) {
      const path = `spec.ports[${index}].nodePort`;
      if (port.nodePort !== undefined && port.nodePort !== 0 && mine.has(port.nodePort)) continue;
      port.nodePort = twinOf(service.spec.ports ?? [], port) ?? (await takePort(request, service, path, port.nodePort));
      mine.add(port.nodePort);
    }
    const { spec } = service;
    if (spec.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local') return;
    if (spec.healthCheckNodePort !== undefined && mine.has(spec.healthCheckNodePort)) return;
    spec.healthCheckNodePort = await takePort(request, service, 'spec.healthCheckNodePort', spec.healthCheckNodePort);
  };

  return {
    name: 'ServiceAllocation',
    concerns: ({ operation, definition, subresource }) =>
      definition.group === '' &&
      definition.plural === 'services' &&
      subresource === '' &&
      (operation === 'CREATE' || operation === 'UPDATE'),
    async mutate(request) {
      const service = request.object as Service;
      const previous = request.previous as Readonly<Service> | undefined;
      if (previous !== undefined) keepAllocated(service, previous);
      const hadIp = previous !== undefined && needsClusterIp(previous) && previous.spec.clusterIP !== undefined;
      if (hadIp && needsClusterIp(service) && service.spec.clusterIP !== previous.spec.clusterIP) {
        throw refuse(service, 'spec.clusterIPs[0]', [service.spec.clusterIP], 'may not change once set');
      }
      if (needsClusterIp(service) && (!hadIp || service.spec.clusterIP === '')) await takeClusterIp(request, service);
      fillFamilies(service);
      const held = new Set(previous === undefined ? [] : portsHeld(previous));
      if (needsNodePorts(service)) await takePorts(request, service, held);
      else for (const port of service.spec.ports ?? []) if (service.spec.type !== 'LoadBalancer') delete port.nodePort;
      if (previous !== undefined && !request.dryRun) releaseAfterUpdate(request, service, previous);
    },
    removed(definition, object) {
      if (definition.group !== '' || definition.plural !== 'services') return;
      const service = object as Service;
      if (needsClusterIp(service) && service.spec.clusterIP !== undefined)
        later(clusterIps.release(service.spec.clusterIP, ownerOf(service)));
      const ports = portsHeld(service);
      if (ports.length > 0) later(nodePorts.release(ports));
    },
  };

  /** What the old version held and the new one does not is free once the new one is stored. */
  function releaseAfterUpdate(request: AdmissionRequest, service: Service, previous: Readonly<Service>): void {
    const kept = new Set(portsHeld(service));
    const freed = portsHeld(previous).filter((port) => !kept.has(port));
    request.onSuccess(() => {
      if (freed.length > 0) later(nodePorts.release(freed));
      const { clusterIP } = previous.spec;
      if (needsClusterIp(previous) && clusterIP !== undefined && service.spec.clusterIP !== clusterIP)
        later(clusterIps.release(clusterIP, ownerOf(service)));
    });
  }
}

function ownerOf({ metadata }: Readonly<Service>): Owner {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}

/** The node port of the same port number under another protocol. */
function twinOf(ports: readonly ServicePort[], port: ServicePort): number | undefined {
  if (port.nodePort) return undefined;
  return ports.find(
    (other) => other !== port && other.port === port.port && other.protocol !== port.protocol && other.nodePort,
  )?.nodePort;
}

function fillFamilies(service: Service): void {
  const { spec } = service;
  if (spec.type === 'ExternalName') return;
  if (spec.clusterIP === 'None') spec.clusterIPs = ['None'];
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
}

function refuse(service: Service, path: string, value: unknown, why: string): Error {
  const fault: FieldError = {
    path,
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  };
  return invalid('Service', service.metadata.name, [fault]);
}
