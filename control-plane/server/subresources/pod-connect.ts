// exec, attach and port-forward: the agent speaks the stream protocol, this server only joins the two connections.
import type { NodeClient } from '../kubelet/node-client.ts';
import { addressOfPod, containerOf, podOf } from '../kubelet/pod-target.ts';
import { passThrough } from '../kubelet/upgrade.ts';
import type { ResourceHandler } from '../resource-routes.ts';
import { badRequest } from '../registry/errors.ts';

const isTrue = (text: string | null): boolean => text === 'true' || text === '1';

/** The agent's spelling of exec and attach options. Pure. */
export function streamQuery(query: URLSearchParams): URLSearchParams {
  const wanted = new URLSearchParams();
  const flags: readonly (readonly [string, string])[] = [
    ['stdin', 'input'],
    ['stdout', 'output'],
    ['stderr', 'error'],
    ['tty', 'tty'],
  ];
  for (const [from, to] of flags) if (isTrue(query.get(from))) wanted.set(to, '1');
  for (const word of query.getAll('command')) wanted.append('command', word);
  return wanted;
}

/** The handler of `exec` or `attach`. */
export function createStreamHandler(client: NodeClient, action: 'exec' | 'attach'): ResourceHandler {
  return async (parts, request) => {
    const { exchange, info } = request;
    const pod = await podOf(parts, request);
    const container = containerOf(pod, exchange.query.get('container') ?? '');
    if (exchange.upgrade === undefined) throw badRequest('Upgrade request required');
    const wanted = streamQuery(exchange.query);
    if (action === 'exec' && !wanted.has('command'))
      throw badRequest('you must specify at least one command for the container');
    const address = await addressOfPod(parts, pod, client.fallbackPort);
    const path = `/${action}/${info.namespace}/${info.name}/${container}?${wanted}`;
    await passThrough(exchange, await client.connect(address), path, `${address.host}:${address.port}`);
  };
}

/** The handler of port-forward. */
export function createPortForwardHandler(client: NodeClient): ResourceHandler {
  return async (parts, request) => {
    const { exchange, info } = request;
    const pod = await podOf(parts, request);
    if (exchange.upgrade === undefined) throw badRequest('Upgrade request required');
    const ports = new URLSearchParams();
    for (const port of exchange.query.getAll('ports')) ports.append('port', port);
    const address = await addressOfPod(parts, pod, client.fallbackPort);
    const path = `/portForward/${info.namespace}/${info.name}${ports.size === 0 ? '' : `?${ports}`}`;
    await passThrough(exchange, await client.connect(address), path, `${address.host}:${address.port}`);
  };
}
