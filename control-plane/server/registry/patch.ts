// Answers PATCH: JSON Patch, merge patch and strategic merge patch on the stored object, retried when it changed meanwhile.
import { applyJsonPatch } from '../../../api/schema/patch/json-patch.ts';
import { applyMergePatch } from '../../../api/schema/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../../api/schema/patch/strategic-merge-patch.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { unsupportedMediaType } from '../../../api/meta/status.ts';
import { customRulesOf } from '../crd/custom-definition.ts';
import { asObject, decodeBody, mediaTypeOf, readBody } from '../http/body.ts';
import type { ServerParts } from '../parts.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { serveApply } from './apply.ts';
import { decodeObject, tellComplaints } from './decode-object.ts';
import { duplicateKeyComplaints } from './duplicate-keys.ts';
import { badRequest } from './errors.ts';
import { managerOf } from './managers.ts';
import type { ResourceRequest } from './resource-request.ts';
import { answerChanged } from './update.ts';
import { changeObject } from './write-loop.ts';
import { parseWriteOptions } from './write-options.ts';

const applyType = 'application/apply-patch+yaml';

/** Applies one patch document to a value. */
export type Patch = (definition: ResourceDefinition, current: unknown) => unknown;

/** Serves PATCH of an object or of a subresource of the same kind. */
export async function servePatch(parts: ServerParts, request: ResourceRequest): Promise<void> {
  const { exchange, definition, info } = request;
  const options = parseWriteOptions(exchange.query);
  if (mediaTypeOf(exchange.headers['content-type']) === applyType)
    return serveApply(parts, request, await readBody(exchange.request));
  const patch = await readPatch(request);
  const warned = new Set<string>();
  const changed = await changeObject(parts, request, {
    dryRun: options.dryRun,
    subresource: info.subresource,
    manager: managerOf(exchange, options),
    next(current) {
      // The version is the client's precondition only when its patch names one.
      const { resourceVersion } = current.metadata;
      const warnings: string[] = [];
      const next = decodeObject(definition, patch(definition, current), options.fieldValidation, warnings);
      for (const warning of warnings) warned.add(warning);
      if (next.metadata.resourceVersion === resourceVersion) next.metadata.resourceVersion = '';
      if (next.metadata.name !== info.name)
        throw badRequest(
          `the name of the object (${next.metadata.name}) does not match the name on the URL (${info.name})`,
        );
      return next;
    },
  });
  exchange.warnings.push(...warned);
  answerChanged(parts, request, changed);
}

/** Reads the body as the kind of patch that its content type names. */
export async function readPatch(request: ResourceRequest): Promise<Patch> {
  const { exchange } = request;
  const type = mediaTypeOf(exchange.headers['content-type']);
  const body = await readBody(exchange.request);
  const options = parseWriteOptions(exchange.query);
  const { fieldValidation } = options;
  tellComplaints(duplicateKeyComplaints(body, type, fieldValidation), fieldValidation, exchange.warnings);
  switch (type) {
    case 'application/json-patch+json': {
      const operations = decodeBody(body, 'application/json');
      if (!Array.isArray(operations)) throw badRequest('a JSON patch is a list of operations');
      if (operations.length > 10_000) throw badRequest('The allowed maximum operations in a JSON patch is 10000');
      return (_definition, current) => patched(() => applyJsonPatch(current, operations));
    }
    case 'application/merge-patch+json': {
      const document = asObject(decodeBody(body, 'application/json'));
      return (_definition, current) => patched(() => applyMergePatch(current, document));
    }
    case 'application/strategic-merge-patch+json': {
      if (customRulesOf(request.definition) !== undefined)
        throw unsupportedMediaType('strategic merge patches are not supported for custom resources; use a merge patch');
      const document = asObject(decodeBody(body, 'application/json'));
      return (definition, current) =>
        patched(() => applyStrategicMergePatch(definition.schema, current as KubernetesObject, document));
    }
    default:
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, ${applyType}`,
      );
  }
}

function patched(apply: () => unknown): unknown {
  try {
    return apply();
  } catch (error) {
    throw error instanceof Error && 'status' in error
      ? error
      : badRequest(`the patch could not be applied: ${(error as Error).message}`);
  }
}
