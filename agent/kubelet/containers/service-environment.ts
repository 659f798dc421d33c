// The environment variables that announce Services to containers (docker links style). Pure. Names only: a Service
// without a cluster address has none.
import type { Service } from '../../../api/kinds/core/index.ts';

/** Variables for these Services, as upstream's envvars.FromServices. */
export function serviceEnvironment(services: readonly Readonly<Service>[]): Record<string, string> {
  return Object.assign({}, ...services.map(variablesOf)) as Record<string, string>;
}

/** The API server's Service is announced to every container, whatever the pod asks. */
export function servicesFor(
  services: readonly Readonly<Service>[],
  namespace: string,
  enableServiceLinks: boolean,
): Readonly<Service>[] {
  const master = services.filter(({ metadata }) => metadata.namespace === 'default' && metadata.name === 'kubernetes');
  const own = services.filter(({ metadata }) => metadata.namespace === namespace);
  return enableServiceLinks ? [...master, ...own] : master;
}

function variablesOf(service: Readonly<Service>): Record<string, string> {
  const { clusterIP, ports = [] } = service.spec;
  const [first] = ports;
  if (clusterIP === undefined || clusterIP === '' || clusterIP === 'None' || first === undefined) return {};
  const host = clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP;
  const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_');
  const variables: Record<string, string> = {
    [`${prefix}_SERVICE_HOST`]: clusterIP,
    [`${prefix}_SERVICE_PORT`]: String(first.port),
    [`${prefix}_PORT`]: `${(first.protocol ?? 'TCP').toLowerCase()}://${host}:${first.port}`,
  };
  for (const { name, port, protocol = 'TCP' } of ports) {
    if (name !== undefined && name !== '') {
      variables[`${prefix}_SERVICE_PORT_${name.toUpperCase().replaceAll('-', '_')}`] = String(port);
    }
    const link = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    variables[link] = `${protocol.toLowerCase()}://${host}:${port}`;
    variables[`${link}_PROTO`] = protocol.toLowerCase();
    variables[`${link}_PORT`] = String(port);
    variables[`${link}_ADDR`] = clusterIP;
  }
  return variables;
}
