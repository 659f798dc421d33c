// Connections (exec, attach, port-forward, proxy) pass admission as upstream's do: operation CONNECT, with the options
// of the connection as the object. Webhooks and policies may refuse them; what they would change is not looked at.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { badRequest } from '../../../api/meta/status.ts';
import type { Exchange } from '../http/exchange.ts';
import { admitting } from '../registry/admit.ts';
import type { ResourceRequest } from '../registry/resource-request.ts';
import type { ResourceHandler } from '../resource-routes.ts';

type Options = Readonly<Record<string, unknown>>;

const isTrue = (text: string | null): boolean => text === 'true' || text === '1';

function streamOptions({ query }: Exchange): Options {
  const flags = ['stdin', 'stdout', 'stderr', 'tty'].filter((name) => isTrue(query.get(name)));
  const container = query.get('container') ?? '';
  const command = query.getAll('command');
  return {
    ...Object.fromEntries(flags.map((name) => [name, true])),
    ...(container === '' ? {} : { container }),
    ...(command.length === 0 ? {} : { command }),
  };
}

function portOptions({ query }: Exchange): Options {
  const ports = query.getAll('ports').flatMap((one) => one.split(',').map(Number));
  return ports.length === 0 ? {} : { ports };
}

/** What the options of a kind of connection hold. */
const optionsOf: Readonly<Record<string, (request: ResourceRequest) => Options>> = {
  exec: ({ exchange }) => streamOptions(exchange),
  attach: ({ exchange }) => streamOptions(exchange),
  portforward: ({ exchange }) => portOptions(exchange),
  proxy: ({ info }) => (info.rest === '' ? {} : { path: info.rest }),
};

/** The handler of a connecting subresource, behind admission. */
export function admitted(handler: ResourceHandler): ResourceHandler {
  return async (parts, request) => {
    const { exchange, info, definition } = request;
    if ((exchange.query.get('dryRun') ?? '') !== '') throw badRequest('dryRun is not supported');
    const kind = definition.subresources[info.subresource]?.kind ?? definition.kind;
    const options = { kind, apiVersion: 'v1', ...optionsOf[info.subresource]?.(request) };
    const { request: connection } = admitting(request, {
      operation: 'CONNECT',
      object: options as unknown as KubernetesObject,
      name: info.name,
      dryRun: false,
    });
    await parts.admission.mutate(connection);
    await parts.admission.validate(connection);
    await handler(parts, request);
  };
}
