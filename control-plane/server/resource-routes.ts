// From a resource request to the handler of its verb or subresource.
import { failure, methodNotSupported } from '../../api/meta/status.ts';
import { customRulesOf } from './crd/custom-definition.ts';
import { checkNameSegments } from './request/check-segments.ts';
import type { ServerParts } from './parts.ts';
import { serveCreate } from './registry/create.ts';
import { serveDeleteCollection } from './registry/delete-collection.ts';
import { serveDelete } from './registry/delete.ts';
import { serveGet } from './registry/get.ts';
import { serveList } from './registry/list.ts';
import { servePatch } from './registry/patch.ts';
import type { ResourceRequest } from './registry/resource-request.ts';
import { serveUpdate } from './registry/update.ts';
import { serveWatch } from './registry/watch.ts';
import { conversionOf } from './served/conversions.ts';
import { viewThrough } from './served/version-view.ts';
import type { ResourceVerb } from './request/request-info.ts';

/** Answers one verb of one resource or subresource. */
export type ResourceHandler = (parts: ServerParts, request: ResourceRequest) => Promise<void>;

/** Handlers by `group/plural/subresource`, and by a bare subresource name for those that every kind shares. */
export type SubresourceHandlers = Readonly<Record<string, ResourceHandler>>;

const verbs: Readonly<Record<ResourceVerb, ResourceHandler>> = {
  get: serveGet,
  list: serveList,
  watch: serveWatch,
  create: serveCreate,
  update: serveUpdate,
  patch: servePatch,
  delete: serveDelete,
  deletecollection: serveDeleteCollection,
};

/** Serves the status subresource and others that are views of the whole object. */
const wholeObject: ResourceHandler = (parts, request) => verbs[request.info.verb](parts, request);

/** Answers the error that a path without a resource gets. */
export function unknownResource(): Error {
  return failure('NotFound', 'the server could not find the requested resource', {});
}

/** Serves an authorized resource request. `overrides` replace a whole resource's verbs, e.g. reviews that store nothing. */
export function serveResource(
  parts: ServerParts,
  request: ResourceRequest,
  subresources: SubresourceHandlers,
  overrides: SubresourceHandlers,
): Promise<void> {
  const { definition, info } = request;
  const conversion = conversionOf(definition);
  if (conversion !== undefined) parts = { ...parts, store: viewThrough(parts.store, conversion) };
  const custom = customRulesOf(definition);
  if (custom !== undefined) parts = { ...parts, store: custom.view(parts.store) };
  checkNameSegments(definition, info);
  const key = `${definition.group}/${definition.plural}`;
  if (info.subresource === '') {
    if (!(definition.verbs as readonly string[]).includes(info.verb)) throw methodNotSupported(definition, info.verb);
    return (overrides[key] ?? verbs[info.verb])(parts, request);
  }
  const subresource = definition.subresources[info.subresource];
  if (subresource === undefined) throw unknownResource();
  if (!(subresource.verbs as readonly string[]).includes(info.verb)) throw methodNotSupported(definition, info.verb);
  const handler = subresources[`${key}/${info.subresource}`] ?? subresources[info.subresource] ?? wholeObject;
  return handler(parts, request);
}
