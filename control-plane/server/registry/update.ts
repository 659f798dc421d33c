// Answers PUT: the whole object, or a subresource of the same kind.
import { decodeBody, readBody } from '../http/body.ts';
import { answerObject, formOf } from '../http/answer.ts';
import type { ServerParts } from '../parts.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { createObject } from './create.ts';
import { cloneJson } from './clone-json.ts';
import { decodeObject } from './decode-object.ts';
import { duplicateKeyComplaints } from './duplicate-keys.ts';
import { badRequest } from './errors.ts';
import { answerStored } from './get.ts';
import { managerOf } from './managers.ts';
import type { ResourceRequest } from './resource-request.ts';
import { changeObject, type Changed } from './write-loop.ts';
import { parseWriteOptions, type WriteOptions } from './write-options.ts';

/** Kinds that PUT may create, as upstream allows. */
const createdByUpdate = new Set(
  '/events /endpoints /limitranges coordination.k8s.io/leases events.k8s.io/events rbac.authorization.k8s.io/roles rbac.authorization.k8s.io/rolebindings rbac.authorization.k8s.io/clusterroles rbac.authorization.k8s.io/clusterrolebindings discovery.k8s.io/endpointslices'.split(
    ' ',
  ),
);

/** Serves PUT. */
export async function serveUpdate(parts: ServerParts, request: ResourceRequest): Promise<void> {
  const { exchange, definition, info } = request;
  const options = parseWriteOptions(exchange.query);
  const body = await readBody(exchange.request);
  const contentType = exchange.headers['content-type'];
  const duplicates = duplicateKeyComplaints(body, contentType, options.fieldValidation);
  const object = decodeObject(
    definition,
    decodeBody(body, contentType),
    options.fieldValidation,
    exchange.warnings,
    duplicates,
  );
  if (!object.metadata.name) throw badRequest('name must be provided');
  if (object.metadata.name !== info.name) {
    throw badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${info.name})`,
    );
  }
  try {
    answerChanged(parts, request, await replaceObject(parts, request, object, options));
  } catch (error) {
    const mayCreate = info.subresource === '' && createdByUpdate.has(`${definition.group}/${definition.plural}`);
    if (!mayCreate || !isApiError(error, 'NotFound') || object.metadata.resourceVersion) throw error;
    const created = await createObject(parts, request, object, options);
    if ('bytes' in created) answerStored(parts, request, 201, created);
    else answerObject(exchange, 201, created, formOf(exchange));
  }
}

function replaceObject(
  parts: ServerParts,
  request: ResourceRequest,
  object: KubernetesObject,
  options: WriteOptions,
): Promise<Changed> {
  return changeObject(parts, request, {
    dryRun: options.dryRun,
    subresource: request.info.subresource,
    manager: managerOf(request.exchange, options),
    // Steps of the chain change what they are given; a retry must start from what the client sent.
    next: () => cloneJson(object),
  });
}

/** Answers 200 with the changed object in the negotiated form. */
export function answerChanged(parts: ServerParts, request: ResourceRequest, changed: Changed): void {
  if (changed.stored !== undefined) answerStored(parts, request, 200, changed.stored);
  else answerObject(request.exchange, 200, changed.object, formOf(request.exchange));
}
