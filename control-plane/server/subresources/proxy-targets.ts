// What a proxied pod or service name means: a host and a port.
import { BlockList, isIP } from 'node:net';
import { endpointSlices, type EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import { pods, services, type Pod, type Service } from '../../../api/kinds/core/index.ts';
import { notFound, serviceUnavailable } from '../../../api/meta/status.ts';
import type { ServerParts } from '../parts.ts';
import { badRequest } from '../registry/errors.ts';

/** Where a proxied request goes. */
export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

/** The parts of a proxied name. */
export interface ProxyName {
  readonly scheme: string;
  readonly name: string;
  readonly port: string;
}

/** Reads "name", "name:port" and "scheme:name:port"; throws 400 for anything else. */
export function splitProxyName(text: string): ProxyName {
  const [first = '', second, third, ...more] = text.split(':');
  if (second === undefined) return { scheme: '', name: first, port: '' };
  if (third === undefined) return { scheme: '', name: first, port: second };
  if (more.length > 0 || !['', 'http', 'https'].includes(first))
    throw badRequest(`invalid proxy request ${JSON.stringify(text)}`);
  return { scheme: first, name: second, port: third };
}

const blocked = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['0.0.0.0', 8],
  ['224.0.0.0', 4],
] as const)
  blocked.addSubnet(network, prefix, 'ipv4');
blocked.addAddress('::1', 'ipv6');
blocked.addAddress('::', 'ipv6');
blocked.addSubnet('fe80::', 10, 'ipv6');
const simulated = new BlockList();
simulated.addSubnet('198.18.0.0', 15, 'ipv4');

/**
 * Lets only addresses pass that a pod may have: whoever writes endpoints must not make the API server ask itself or its
 * machine (400, as upstream), and simulated pods (198.18.0.0/15) have nothing behind their addresses (503).
 */
export function allowedAddress(host: string): string {
  const family = isIP(host) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(host) === 0 || blocked.check(host, family)) throw badRequest('address not allowed');
  if (simulated.check(host, family)) throw serviceUnavailable('this pod is simulated: nothing answers at its address');
  return host;
}

/** A pod's address; without a port, the first one that a container declares. */
export async function resolvePod(
  parts: ServerParts,
  namespace: string,
  { scheme, name, port }: ProxyName,
): Promise<ProxyTarget> {
  const pod = await parts.reader.get<Pod>(pods, namespace, name, 'latest');
  if (pod === undefined) throw notFound(pods, name);
  const host = pod.status?.podIP;
  if (!host) throw badRequest('address not allowed');
  const declared = pod.spec.containers.flatMap((container) => container.ports ?? []);
  const byName = declared.find((one) => one.name === port)?.containerPort;
  const number = port === '' ? (declared[0]?.containerPort ?? 80) : (byName ?? Number(port));
  if (!Number.isInteger(number) || number < 1 || number > 65535)
    throw badRequest(`invalid port ${JSON.stringify(port)}`);
  return { host: allowedAddress(host), port: number, isTls: scheme === 'https' };
}

/** One ready endpoint of a service's port, chosen at random. */
export async function resolveService(
  parts: Pick<ServerParts, 'reader'>,
  namespace: string,
  { scheme, name, port }: ProxyName,
): Promise<ProxyTarget> {
  const service = await parts.reader.get<Service>(services, namespace, name, 'latest');
  if (service === undefined) throw notFound(services, name);
  const ports = service.spec.ports ?? [];
  const wanted = port === '' ? ports[0] : ports.find((one) => one.name === port || String(one.port) === port);
  if (wanted === undefined)
    throw serviceUnavailable(`no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`);
  const slices = await parts.reader.list<EndpointSlice>(endpointSlices, namespace);
  const targets = slices
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap((slice) => {
      const number = (slice.ports ?? []).find((one) => (one.name ?? '') === (wanted.name ?? ''))?.port;
      const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
      return number === undefined
        ? []
        : ready.map(({ addresses }) => ({ host: addresses[0] ?? '', port: number, isTls: scheme === 'https' }));
    });
  const chosen = targets[Math.floor(Math.random() * targets.length)];
  if (chosen === undefined) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`);
  return { ...chosen, host: allowedAddress(chosen.host) };
}
