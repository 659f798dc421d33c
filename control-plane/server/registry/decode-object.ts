// From a decoded body to an object of the definition's kind: type checked, unknown fields met as asked, defaults filled in.
import { applyDefaults } from '../../../api/schema/defaults.ts';
import { decode } from '../../../api/schema/decode.ts';
import type { KubernetesObject, ObjectMeta } from '../../../api/meta/object-meta.ts';
import { customRulesOf } from '../crd/custom-definition.ts';
import { asObject } from '../http/body.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { apiVersionOf } from '../served/served-resources.ts';
import { badRequest } from './errors.ts';
import type { FieldValidation } from './write-options.ts';

/** Checks apiVersion and kind of a body against what its path says; absent ones are filled in. */
export function checkType(
  value: unknown,
  expected: { readonly apiVersion: string; readonly kind: string },
): Record<string, unknown> {
  const object = asObject(value);
  const { apiVersion = expected.apiVersion, kind = expected.kind } = object;
  if (apiVersion !== expected.apiVersion || kind !== expected.kind) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${expected.kind} of ${expected.apiVersion}): found ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)}`,
    );
  }
  object['apiVersion'] = apiVersion;
  object['kind'] = kind;
  const metadata = object['metadata'];
  if (metadata === undefined || metadata === null) object['metadata'] = {};
  else if (typeof metadata !== 'object' || Array.isArray(metadata)) throw badRequest('metadata must be an object');
  return object;
}

/** Makes a body an object of the resource: typed, pruned, defaulted. Complaints become warnings or 400 as asked. */
export function decodeObject(
  definition: ResourceDefinition,
  value: unknown,
  validation: FieldValidation,
  warnings: string[],
  duplicates: readonly string[] = [],
): KubernetesObject {
  const object = decodeDraft(definition, value, validation, warnings, duplicates);
  completeObject(definition, object);
  return object;
}

/**
 * The same without defaults: what a client says, and nothing that it does not. `duplicates` are complaints about the
 * body that its value no longer shows; they are told together with the unknown fields.
 */
export function decodeDraft(
  definition: ResourceDefinition,
  value: unknown,
  validation: FieldValidation,
  warnings: string[],
  duplicates: readonly string[] = [],
): KubernetesObject {
  const object = checkType(value, { apiVersion: apiVersionOf(definition), kind: definition.kind });
  const unknown = decodeBySchema(definition, object, warnings);
  const complaints = [...unknown.slice(0, 50).map((path) => `unknown field "${path}"`), ...duplicates];
  tellComplaints(complaints, validation, warnings);
  // Metadata may still lack what the server gives; `stampForCreate` and `carryMetadata` complete it.
  return object as unknown as KubernetesObject & { metadata: ObjectMeta };
}

/** Fills in the defaults of the kind. */
export function completeObject(definition: ResourceDefinition, object: object): void {
  const custom = customRulesOf(definition);
  if (custom !== undefined) return custom.applyDefaults(object);
  // A kind with a spec always has one: what reads the object before it is validated may rely on that.
  if (definition.schema.fields?.get('spec')?.type === 'object') (object as { spec?: object }).spec ??= {};
  applyDefaults(definition.schema, object);
}

/** Refuses or warns, as field validation asks. */
export function tellComplaints(complaints: readonly string[], validation: FieldValidation, warnings: string[]): void {
  if (complaints.length === 0 || validation === 'Ignore') return;
  if (validation === 'Strict') throw badRequest(`strict decoding error: ${complaints.join(', ')}`);
  warnings.push(...complaints);
}

/**
 * An apply document as a draft. Its fields are going to be owned, so unknown ones are refused whatever the field
 * validation says, as upstream does.
 */
export function decodeApplied(definition: ResourceDefinition, value: unknown, warnings: string[]): KubernetesObject {
  const object = checkType(value, { apiVersion: apiVersionOf(definition), kind: definition.kind });
  const unknown = decodeBySchema(definition, object, warnings);
  const draft = object as unknown as KubernetesObject;
  if (unknown.length === 0) return draft;
  const { name = '', namespace = '' } = draft.metadata;
  const undeclared = unknown.slice(0, 50).map((path) => `.${path}: field not declared in schema`);
  const sentences = undeclared.length === 1 ? (undeclared[0] ?? '') : `errors:\n  ${undeclared.join('\n  ')}`;
  throw badRequest(
    `failed to create typed patch object (${namespace}/${name}; ${draft.apiVersion}, Kind=${draft.kind}): ${sentences}`,
  );
}

/** Brings the object to its schema's types and drops unknown fields; answers their paths. */
function decodeBySchema(definition: ResourceDefinition, object: object, warnings: string[]): string[] {
  const unknown: string[] = [];
  const onUnknown = (path: string): void => {
    unknown.push(path);
  };
  const custom = customRulesOf(definition);
  const faults =
    custom === undefined ? decode(definition.schema, object, { onUnknown }) : custom.decode(object, onUnknown);
  if (faults.length > 0) {
    const sentences = faults
      .slice(0, 10)
      .map((fault) => (fault.message.includes(fault.path) ? fault.message : `${fault.path}: ${fault.message}`));
    throw badRequest(
      `${definition.kind} in version "${definition.version}" cannot be handled as a ${definition.kind}: ${sentences.join(', ')}`,
    );
  }
  if (custom?.deprecationWarning !== undefined) warnings.push(custom.deprecationWarning);
  return unknown;
}
