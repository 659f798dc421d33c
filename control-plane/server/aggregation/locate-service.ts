// Where the service of an APIService can be reached right now, or why it cannot: the reasons are upstream's condition
// reasons. One ready endpoint is asked directly, so that it works on machines without a service proxy too.
import { services, type Service } from '../../../api/kinds/core/index.ts';
import { endpointSlices, type EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import type { Reader } from '../registry/reader.ts';
import { allowedAddress } from '../subresources/proxy-targets.ts';

/** Which service, by name. */
export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

/** Finds the address of a service; throws ServiceProblem. */
export type LocateService = (service: ServiceName) => Promise<ServiceAddress>;

/** Why a service cannot be reached; `reason` is a condition's. */
export class ServiceProblem extends Error {
  readonly reason: string;

  constructor(reason: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}

/** Locates services by the cluster's own objects. */
export function createServiceLocator(reader: Reader): LocateService {
  return async ({ namespace, name, port }) => {
    const service = await reader.get<Service>(services, namespace, name);
    const what = `service/${name} in ${JSON.stringify(namespace)}`;
    if (service === undefined) throw new ServiceProblem('ServiceNotFound', `${what} is not present`);
    if (service.spec.type === 'ExternalName' && service.spec.externalName)
      return { host: service.spec.externalName, port };
    const wanted = service.spec.ports?.find((one) => one.port === port);
    if (wanted === undefined) throw new ServiceProblem('ServicePortError', `${what} is not listening on port ${port}`);
    const slices = await reader.list<EndpointSlice>(endpointSlices, namespace);
    const addresses = slices
      .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
      .flatMap((slice) => {
        const number = slice.ports?.find((one) => (one.name ?? '') === (wanted.name ?? ''))?.port;
        const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
        return number === undefined ? [] : ready.map(({ addresses: [host = ''] }) => ({ host, port: number }));
      });
    const chosen = addresses[Math.floor(Math.random() * addresses.length)];
    if (chosen === undefined) {
      const named = JSON.stringify(wanted.name ?? '');
      throw new ServiceProblem('MissingEndpoints', `endpoints for ${what} have no addresses with port name ${named}`);
    }
    return { ...chosen, host: allowedAddress(chosen.host) };
  };
}
