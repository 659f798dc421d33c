// A request that has been authenticated, authorized and matched with a served resource.
import type { Exchange } from '../http/exchange.ts';
import type { User } from '../authentication/user.ts';
import type { ResourceRequestInfo } from '../request/request-info.ts';
import type { ResourceDefinition } from '../served/definition.ts';

/** What a write needs to know of the request that asked for it; the server itself may be the one who asks. */
export interface WriteContext {
  readonly exchange: Pick<Exchange, 'warnings' | 'auditAnnotations'>;
  readonly info: ResourceRequestInfo;
  readonly user: User;
  readonly definition: ResourceDefinition;
}

/** What a verb's handler works on. */
export interface ResourceRequest extends WriteContext {
  readonly exchange: Exchange;
}

/** A write that the server makes on its own behalf. */
export function ownWrite(definition: ResourceDefinition, namespace: string, name: string): WriteContext {
  const { group, version, plural } = definition;
  return {
    exchange: { warnings: [] },
    definition,
    user: { username: 'system:apiserver', groups: ['system:masters'] },
    info: {
      isResource: true,
      verb: 'update',
      group,
      version,
      resource: plural,
      namespace,
      name,
      subresource: '',
      rest: '',
    },
  };
}
