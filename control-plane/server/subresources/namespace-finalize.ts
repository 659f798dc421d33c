// PUT namespaces/NAME/finalize: the only way to change a namespace's own finalizers; the last one gone, so is it.
import type { Namespace } from '../../../api/kinds/core/index.ts';
import { decodeBody, readBody } from '../http/body.ts';
import type { ServerParts } from '../parts.ts';
import { decodeObject } from '../registry/decode-object.ts';
import type { ResourceRequest } from '../registry/resource-request.ts';
import { answerChanged } from '../registry/update.ts';
import { changeObject } from '../registry/write-loop.ts';
import { parseWriteOptions } from '../registry/write-options.ts';

/** Serves the finalize subresource. */
export async function serveNamespaceFinalize(parts: ServerParts, request: ResourceRequest): Promise<void> {
  const { exchange, definition } = request;
  const { dryRun, fieldValidation } = parseWriteOptions(exchange.query);
  const value = decodeBody(await readBody(exchange.request), exchange.headers['content-type']);
  const sent = decodeObject(definition, value, fieldValidation, exchange.warnings) as Namespace;
  const changed = await changeObject(parts, request, {
    dryRun,
    subresource: 'finalize',
    next(current) {
      const namespace = current as Namespace;
      namespace.spec = { ...namespace.spec, finalizers: sent.spec?.finalizers };
      namespace.metadata.resourceVersion = sent.metadata.resourceVersion ?? '';
      return namespace;
    },
  });
  answerChanged(parts, request, changed);
}
