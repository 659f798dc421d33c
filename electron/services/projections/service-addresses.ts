// Where a workload answers: the Services whose selector takes its pods, and how each is reached. Pure.
import type { NodeRow, ServiceAddress } from '../../../api/console/index.ts';
import type { Service } from '../../../api/kinds/core/index.ts';

interface Ports {
  readonly port: number;
  readonly nodePort?: number;
}

const withPort = (host: string, port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

function takes({ spec }: Service, labels: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(spec.selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

function outsideOf({ spec, status }: Service, { port, nodePort }: Ports, machine: string | undefined): string[] {
  const balancers = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
  const hosts = [...balancers, ...(spec.externalIPs ?? [])].map((host) => withPort(host, port));
  const isOpen = nodePort !== undefined && nodePort !== 0 && machine !== undefined;
  return isOpen ? [...hosts, withPort(machine, nodePort)] : hosts;
}

/** The Services that take pods with these labels, by name. */
export function serviceAddresses(
  services: Iterable<Service>,
  labels: Readonly<Record<string, string>>,
  nodes: Iterable<NodeRow>,
): readonly ServiceAddress[] {
  const machine = [...nodes]
    .filter(({ state, address }) => state === 'ready' && address !== '')
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))[0]?.address;
  return [...services]
    .filter((service) => takes(service, labels))
    .map((service) => {
      const { metadata, spec } = service;
      const ports = spec.ports ?? [];
      const host = `${metadata.name}.${metadata.namespace ?? ''}`;
      return {
        name: metadata.name,
        type: spec.clusterIP === 'None' ? 'Headless' : (spec.type ?? 'ClusterIP'),
        inside: ports.map(({ port }) => withPort(host, port)),
        outside: ports.flatMap((one) => outsideOf(service, one, machine)),
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
}
