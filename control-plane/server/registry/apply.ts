// Answers PATCH with an apply document: server-side apply, which creates what is not there.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { failure, isApiError } from '../../../api/meta/status.ts';
import { applyServerSide } from '../../../api/schema/apply/index.ts';
import { decodeBody } from '../http/body.ts';
import { answerObject, formOf } from '../http/answer.ts';
import type { ServerParts } from '../parts.ts';
import { createObject } from './create.ts';
import { completeObject, decodeApplied, tellComplaints } from './decode-object.ts';
import { duplicateKeyComplaints } from './duplicate-keys.ts';
import { badRequest } from './errors.ts';
import { answerStored } from './get.ts';
import { writerOf } from './managers.ts';
import type { ResourceRequest } from './resource-request.ts';
import { answerChanged } from './update.ts';
import { changeObject } from './write-loop.ts';
import { parseWriteOptions } from './write-options.ts';

const attempts = 3;

/** Serves an apply whose body has been read. */
export async function serveApply(parts: ServerParts, request: ResourceRequest, body: Buffer): Promise<void> {
  const { exchange, definition, info } = request;
  const options = parseWriteOptions(exchange.query);
  if (options.fieldManager === '') {
    throw failure(
      'Invalid',
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  }
  const yaml = 'application/yaml';
  const duplicates = duplicateKeyComplaints(body, yaml, options.fieldValidation);
  tellComplaints(duplicates, options.fieldValidation, exchange.warnings);
  const draft = decodeApplied(definition, decodeBody(body, yaml), exchange.warnings);
  if ((draft.metadata.name ?? info.name) !== info.name) {
    throw badRequest(
      `the name of the object (${draft.metadata.name}) does not match the name on the URL (${info.name})`,
    );
  }
  const force = exchange.query.get('force') === 'true';
  const { resourceVersion, uid } = draft.metadata;
  const applied = (live: KubernetesObject | undefined): KubernetesObject => {
    const next = applyServerSide(definition.schema, live, structuredClone(draft), {
      ...writerOf(definition, options.fieldManager, info.subresource, parts.clock.now()),
      force,
    });
    completeObject(definition, next);
    next.metadata.name = info.name;
    next.metadata.resourceVersion = resourceVersion ?? '';
    if (uid) next.metadata.uid = uid;
    return next;
  };
  for (let attempt = 1; ; attempt++) {
    try {
      return answerChanged(
        parts,
        request,
        await changeObject(parts, request, { dryRun: options.dryRun, subresource: info.subresource, next: applied }),
      );
    } catch (error) {
      // Not there (NotFound), or gone between the look and the write: an apply creates, unless it named a version.
      if (!isApiError(error, 'NotFound') || info.subresource !== '' || resourceVersion) throw error;
    }
    try {
      const created = await createObject(parts, request, applied(undefined), options);
      if ('bytes' in created) return answerStored(parts, request, 201, created);
      return answerObject(exchange, 201, created, formOf(exchange));
    } catch (error) {
      if (attempt === attempts || !isApiError(error, 'AlreadyExists')) throw error;
    }
  }
}
