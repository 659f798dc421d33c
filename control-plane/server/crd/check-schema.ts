// Whether a CRD's schema is structural: every value has a type, and nothing in it escapes pruning, defaulting and
// validation. The words are upstream's, which authors of CRDs search for.
import type { JSONSchemaProps as JsonSchema } from '../../../api/kinds/apiextensions/json-schema-props.ts';
import type { FieldError } from '../../../api/schema/field-error.ts';
import { createMatcher } from '../../../machinery/cel/index.ts';
import { compileSchema } from './structural-schema.ts';
import { prune, validateNode } from './walk-structure.ts';

const deepest = 200;
const knownTypes = new Set(['array', 'boolean', 'integer', 'number', 'object', 'string']);
const forbidden = [
  '$ref',
  'definitions',
  'dependencies',
  'id',
  'patternProperties',
  'additionalItems',
] as const satisfies readonly (keyof JsonSchema)[];

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly isRoot: boolean;
  /** Inside allOf, anyOf, oneOf or not: only judgements, no structure. */
  readonly isJudgement: boolean;
}

/** Everything that makes a schema not structural; paths begin with `path`. */
export function checkStructure(schema: JsonSchema, path: string): FieldError[] {
  const faults: FieldError[] = [];
  visit(schema, { path, depth: 0, isRoot: true, isJudgement: false }, faults);
  return faults;
}

function visit(schema: JsonSchema, place: Place, faults: FieldError[]): void {
  const { path, depth, isRoot, isJudgement } = place;
  if (depth > deepest) {
    faults.push({
      path,
      reason: 'FieldValueInvalid',
      message: `Invalid value: the schema nests deeper than ${deepest} levels`,
    });
    return;
  }
  for (const key of forbidden)
    if (schema[key] !== undefined) faults.push(forbid(`${path}.${key}`, `${key} is not supported`));
  if (schema.uniqueItems === true)
    faults.push(
      forbid(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'),
    );
  checkPattern(schema, path, faults);
  if (isJudgement) checkJudgement(schema, path, faults);
  else {
    checkType(schema, place, faults);
    checkExtensions(schema, path, isRoot, faults);
    checkDefault(schema, path, isRoot, faults);
  }
  const below = (at: string, judges = isJudgement): Place => ({
    path: `${path}.${at}`,
    depth: depth + 1,
    isRoot: false,
    isJudgement: judges,
  });
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    visit(property, below(`properties[${name}]`), faults);
  const { items, additionalProperties } = schema;
  if (Array.isArray(items)) faults.push(forbid(`${path}.items`, 'items must be a schema object and not an array'));
  else if (items !== undefined) visit(items as JsonSchema, below('items'), faults);
  if (typeof additionalProperties === 'object') {
    if (Object.keys(schema.properties ?? {}).length > 0)
      faults.push(forbid(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
    if (isRoot) faults.push(forbid(`${path}.additionalProperties`, 'must not be used at the root'));
    visit(additionalProperties, below('additionalProperties'), faults);
  } else if (additionalProperties === false)
    faults.push(forbid(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'));
  for (const word of ['allOf', 'anyOf', 'oneOf'] as const)
    schema[word]?.forEach((branch, index) => visit(branch, below(`${word}[${index}]`, true), faults));
  if (schema.not !== undefined) visit(schema.not, below('not', true), faults);
}

function checkType(schema: JsonSchema, { path, isRoot }: Place, faults: FieldError[]): void {
  const { type } = schema;
  if (isRoot) {
    if (type !== 'object')
      faults.push(
        type === undefined || type === ''
          ? required(`${path}.type`, 'must not be empty at the root')
          : invalid(`${path}.type`, type, 'must be object at the root'),
      );
    return;
  }
  if (type === undefined || type === '') {
    if (schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true)
      return;
    const where = path.endsWith('items')
      ? 'array items'
      : path.endsWith('additionalProperties')
        ? 'object fields'
        : 'specified object fields';
    faults.push(required(`${path}.type`, `must not be empty for ${where}`));
  } else if (!knownTypes.has(type)) faults.push(unsupported(`${path}.type`, type, [...knownTypes]));
  else if (type === 'array' && schema.items === undefined) faults.push(required(`${path}.items`, 'must be specified'));
}

function checkJudgement(schema: JsonSchema, path: string, faults: FieldError[]): void {
  const isIntOrString = /\.(?:anyOf|allOf)\[\d+\]/.test(path);
  if (schema.type !== undefined && schema.type !== '' && !isIntOrString)
    faults.push(forbid(`${path}.type`, 'must be empty to be structural'));
  for (const key of ['default', 'nullable', 'description', 'title', 'x-kubernetes-preserve-unknown-fields'] as const)
    if (schema[key] !== undefined && schema[key] !== '' && schema[key] !== false)
      faults.push(forbid(`${path}.${key}`, 'must be undefined to be structural'));
}

function checkExtensions(schema: JsonSchema, path: string, isRoot: boolean, faults: FieldError[]): void {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (listType !== undefined) {
    if (!['atomic', 'set', 'map'].includes(listType))
      faults.push(unsupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'map', 'set']));
    if (schema.type !== 'array')
      faults.push(invalid(`${path}.type`, schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'));
  }
  const items = schema.items as JsonSchema | undefined;
  if (listType === 'map') {
    if (keys.length === 0)
      faults.push(required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'));
    for (const [index, key] of keys.entries()) {
      const property = items?.properties?.[key];
      if (property === undefined)
        faults.push(
          invalid(`${path}.x-kubernetes-list-map-keys[${index}]`, key, 'entries must all be names of item properties'),
        );
      else if (!items?.required?.includes(key) && property.default === undefined)
        faults.push(
          required(
            `${path}.items.properties[${key}].default`,
            'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
          ),
        );
    }
  } else if (keys.length > 0)
    faults.push(
      invalid(
        `${path}.x-kubernetes-list-type`,
        listType ?? '',
        'must be map if x-kubernetes-list-map-keys is non-empty',
      ),
    );
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    faults.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, 'false', 'must be true or undefined'));
  if (schema['x-kubernetes-embedded-resource'] === true) {
    if (schema.type !== 'object')
      faults.push(
        invalid(`${path}.type`, schema.type ?? '', 'must be object if x-kubernetes-embedded-resource is true'),
      );
    if (schema['x-kubernetes-preserve-unknown-fields'] !== true && Object.keys(schema.properties ?? {}).length === 0)
      faults.push(
        required(
          `${path}.properties`,
          'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
        ),
      );
  }
  const { metadata } = schema.properties ?? {};
  if (isRoot && metadata !== undefined) {
    const stray = Object.keys(metadata.properties ?? {}).filter((name) => name !== 'name' && name !== 'generateName');
    for (const name of stray)
      faults.push(
        forbid(
          `${path}.properties[metadata]`,
          `must not specify anything other than name and generateName, but metadata.${name} is specified`,
        ),
      );
  }
}

/** Defaults must be what the schema itself accepts, with nothing that would be pruned. */
function checkDefault(schema: JsonSchema, path: string, isRoot: boolean, faults: FieldError[]): void {
  if (schema.default === undefined) return;
  if (isRoot) {
    faults.push(forbid(`${path}.default`, 'must not be set at the root'));
    return;
  }
  if (schema.default === null && schema.nullable === true) return;
  const node = compileSchema(schema);
  const value: unknown = structuredClone(schema.default);
  prune(node, value, '', false, (unknown) =>
    faults.push(invalid(`${path}.default`, unknown, 'must not have unknown fields')),
  );
  const found: FieldError[] = [];
  validateNode(node, value, `${path}.default`, found);
  faults.push(...found);
}

function checkPattern({ pattern }: JsonSchema, path: string, faults: FieldError[]): void {
  if (pattern === undefined || pattern === '') return;
  try {
    createMatcher(pattern);
  } catch (cause) {
    faults.push(
      invalid(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${(cause as Error).message}`),
    );
  }
}

function forbid(path: string, detail: string): FieldError {
  return { path, reason: 'FieldValueForbidden', message: `Forbidden: ${detail}` };
}

function required(path: string, detail: string): FieldError {
  return { path, reason: 'FieldValueRequired', message: `Required value: ${detail}` };
}

function invalid(path: string, value: string, detail: string): FieldError {
  return { path, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${detail}` };
}

function unsupported(path: string, value: string, values: readonly string[]): FieldError {
  const shown = values.map((one) => JSON.stringify(one)).join(', ');
  return {
    path,
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${shown}`,
  };
}
