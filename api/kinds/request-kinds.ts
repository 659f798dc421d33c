// Kinds that are sent and answered but never stored under their own name, so that no resource of the catalogue says
// what they look like: subresources' bodies and the machinery's own.
import type { Schema } from '../schema/schema.ts';
import { node } from '../schema/schema.ts';
import { Scale } from './autoscaling/scale.ts';
import { TokenRequest } from './authentication/token-request.ts';
import { APIGroup, APIGroupList, APIResourceList, APIVersions } from './meta/discovery.ts';
import { DeleteOptions } from './meta/delete-options.ts';
import { Status } from './meta/status.ts';
import { WatchEvent } from './meta/watch-event.ts';
import { Eviction } from './policy/eviction.ts';

/** A kind of one version of one group with its schema. */
export interface KindDefinition {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: Schema;
}

/** Bodies of subresources. */
export const subresourceKinds: readonly KindDefinition[] = [
  { group: 'autoscaling', version: 'v1', kind: 'Scale', schema: Scale.schema },
  { group: 'policy', version: 'v1', kind: 'Eviction', schema: Eviction.schema },
  { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', schema: TokenRequest.schema },
];

/** Kinds of discovery. */
export const discoveryKinds: readonly KindDefinition[] = [APIGroup, APIGroupList, APIResourceList, APIVersions].map(
  ({ schema }) => ({ group: '', version: 'v1', kind: schema.name.slice(schema.name.lastIndexOf('.') + 1), schema }),
);

/** What the API takes and answers for resources of every group. */
export const commonSchemas = {
  Status: Status.schema,
  WatchEvent: WatchEvent.schema,
  DeleteOptions: DeleteOptions.schema,
  Patch: node({ type: 'json', name: 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch' }),
} as const satisfies Record<string, Schema>;
