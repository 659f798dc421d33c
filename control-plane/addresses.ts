// Which address the API server binds, which names its certificate carries, and how others reach it.
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import { FlagError } from './flags.ts';
import type { ControlPlaneOptions } from './flags.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const wildcards = new Set(['0.0.0.0', '::', '']);

/** Parses HOST:PORT, [IPv6]:PORT or :PORT. */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) throw new FlagError(`--listen takes HOST:PORT, not "${text}"`);
  return { host: match[1] ?? match[2] ?? '', port };
}

/** The address that pods and other machines reach this API server at; none when it only listens on loopback. */
export function advertisedAddress(
  options: Pick<ControlPlaneOptions, 'listen' | 'advertiseAddress'>,
): string | undefined {
  if (options.advertiseAddress) return options.advertiseAddress;
  const { host } = parseListen(options.listen);
  if (wildcards.has(host)) return machineAddresses()[0];
  return isIP(host) !== 0 && !isLoopback(host) ? host : undefined;
}

/** Names and addresses for the serving certificate, besides those that every one carries. */
export function servingNames(options: ControlPlaneOptions): string[] {
  const { host } = parseListen(options.listen);
  const bound = wildcards.has(host) ? machineAddresses() : [host];
  const advertised = options.advertiseAddress ? [options.advertiseAddress] : [];
  return [
    ...new Set([
      hostname(),
      ...bound,
      ...advertised,
      serviceAddress(options.serviceCidr, 1),
      ...(options.extraSans ?? []),
    ]),
  ];
}

/** The URL for clients on this machine and, where advertised, on others. */
export function clientUrl(options: ControlPlaneOptions, boundUrl: string): string {
  const url = new URL(boundUrl);
  const { host } = parseListen(options.listen);
  const reachable = wildcards.has(host) ? (options.advertiseAddress ?? '127.0.0.1') : host;
  return `https://${isIP(reachable) === 6 ? `[${reachable}]` : reachable}:${url.port || '443'}`;
}

/** The n-th address of a range: 10.96.0.0/16 and 1 give 10.96.0.1. */
export function serviceAddress(cidr: string, offset: number): string {
  const [network] = ipaddr.parseCIDR(cidr);
  const bytes = network.toByteArray();
  for (let i = bytes.length - 1, carry = offset; i >= 0 && carry > 0; i--) {
    const sum = (bytes[i] ?? 0) + carry;
    bytes[i] = sum & 0xff;
    carry = sum >> 8;
  }
  return ipaddr.fromByteArray(bytes).toString();
}

function machineAddresses(): string[] {
  const addresses = Object.entries(networkInterfaces()).flatMap(([name, entries]) =>
    isClusterInterface(name) ? [] : (entries ?? []),
  );
  return addresses.filter((entry) => !entry.internal && entry.family === 'IPv4').map((entry) => entry.address);
}

/** Bridges that carry pods, not the machine itself. */
function isClusterInterface(name: string): boolean {
  return /^(ph|docker|br-|veth)/.test(name);
}

function isLoopback(address: string): boolean {
  return ipaddr.parse(address).range() === 'loopback';
}
