// Answers POST on a collection: decode → default → admit → validate → store.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { alreadyExists } from '../../../api/meta/status.ts';
import type { StoredObject } from '../../store/contract.ts';
import { isStoreError } from '../../store/errors.ts';
import { answerBytes, answerObject, formOf } from '../http/answer.ts';
import { decodeBody, readBody } from '../http/body.ts';
import type { ServerParts } from '../parts.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { admitting } from './admit.ts';
import { duplicateKeyComplaints } from './duplicate-keys.ts';
import { decodeObject } from './decode-object.ts';
import { badRequest, fromStore } from './errors.ts';
import { answerStored } from './get.ts';
import { generateName, stampForCreate } from './metadata.ts';
import { managerOf, trackCreation, writerOf } from './managers.ts';
import { storageKey } from './reader.ts';
import type { ResourceRequest } from './resource-request.ts';
import { validateCreate } from './validate.ts';
import { parseWriteOptions, type WriteOptions } from './write-options.ts';

const generateAttempts = 8;

/** Serves POST of a new object. */
export async function serveCreate(parts: ServerParts, request: ResourceRequest): Promise<void> {
  const { exchange, definition } = request;
  const options = parseWriteOptions(exchange.query);
  const form = formOf(exchange);
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
  const created = await createObject(parts, request, object, options);
  if ('bytes' in created) answerStored(parts, request, 201, created);
  else if (form.projection === 'none') answerBytes(exchange, 201, Buffer.from(JSON.stringify(created)), form);
  else answerObject(exchange, 201, created, form);
}

/** Runs a decoded object through admission and validation into the store; a dry run stops before the store. */
export async function createObject(
  parts: ServerParts,
  request: ResourceRequest,
  object: KubernetesObject,
  options: WriteOptions,
): Promise<StoredObject | KubernetesObject> {
  const { definition, info } = request;
  if (definition.namespaced && info.namespace === '')
    throw badRequest('an object of this kind is created in a namespace');
  const admit = admitting(request, {
    operation: 'CREATE',
    object,
    name: object.metadata.name ?? '',
    dryRun: options.dryRun,
  });
  stampForCreate(definition, object, info.namespace, parts.clock.now());
  definition.prepareForCreate?.(object);
  try {
    // Admission reads pods through and through: one without containers is refused before.
    if (isIncompletePod(definition, object)) validateCreate(definition, object);
    await parts.admission.mutate(admit.request);
    validateCreate(definition, object);
    await parts.admission.validate(admit.request);
    const tracked = trackCreation(definition, object, () =>
      writerOf(definition, managerOf(request.exchange, options), '', parts.clock.now()),
    );
    if (options.dryRun) {
      if ((await parts.store.get(storageKey(definition, info.namespace, object.metadata.name))) !== undefined)
        throw alreadyExists(definition, object.metadata.name);
      return tracked;
    }
    const created = await storeNew(parts, request, tracked);
    admit.landed();
    return created;
  } catch (error) {
    admit.undo();
    throw fromStore(error, definition, object.metadata.name);
  }
}

function isIncompletePod({ group, plural }: ResourceDefinition, object: KubernetesObject): boolean {
  return (
    group === '' && plural === 'pods' && (object as { spec?: { containers?: unknown } }).spec?.containers === undefined
  );
}

/** Stores; a generated name that is taken is drawn again. */
async function storeNew(parts: ServerParts, request: ResourceRequest, object: KubernetesObject): Promise<StoredObject> {
  const { definition, info } = request;
  const base = object.metadata.generateName;
  const isGenerated =
    base !== undefined &&
    base !== '' &&
    object.metadata.name.startsWith(base.slice(0, 58)) &&
    object.metadata.name.length === base.slice(0, 58).length + 5;
  for (let attempt = 1; ; attempt++) {
    try {
      return await parts.store.create(storageKey(definition, info.namespace, object.metadata.name), object);
    } catch (error) {
      if (!isGenerated || attempt === generateAttempts || !isStoreError(error, 'AlreadyExists')) throw error;
      object.metadata.name = generateName(base);
    }
  }
}
