// A request that has been authenticated, authorized and matched with a served resource.
import type { Exchange } from '../http/exchange.ts';
import type { User } from '../authentication/user.ts';
import type { ResourceRequestInfo } from '../request/request-info.ts';
import type { ResourceDefinition } from '../served/definition.ts';

/** What a verb's handler works on. */
export interface ResourceRequest {
  readonly exchange: Exchange;
  readonly info: ResourceRequestInfo;
  readonly user: User;
  readonly definition: ResourceDefinition;
}
