// Whole OpenAPI documents: version 3 for one version of one group, version 2 for everything at once.
import type { ResourceDefinition } from '../../kinds/resource.ts';
import { commonSchemas, discoveryKinds, subresourceKinds } from '../../kinds/request-kinds.ts';
import { listMeta } from '../../kinds/meta/object-meta.ts';
import type { JsonObject } from '../json-value.ts';
import type { Schema } from '../schema.ts';
import { node } from '../schema.ts';
import { list, string } from '../vocabulary.ts';
import { collectDefinitions, definitionOf, type Dialect } from './definition-schemas.ts';
import { descriptions } from './descriptions/index.ts';
import { operationsOf, rootOf, type GroupVersionKind, type Operation, type Payload } from './operations.ts';
import { pathsOf } from './paths.ts';

/** What documents are made of. */
export interface DocumentOptions {
  /** The server's version, as /version answers it. */
  readonly gitVersion?: string;
}

/** The OpenAPI 3 document of one version of one group, as `/openapi/v3/apis/GROUP/VERSION` serves it. */
export function openApiV3(
  definitions: readonly ResourceDefinition[],
  { group, version }: { readonly group: string; readonly version: string },
  options: DocumentOptions = {},
): JsonObject {
  const own = definitions.filter((entry) => entry.group === group && entry.version === version);
  const book = createBook(definitions);
  const operations = own.flatMap(operationsOf);
  const paths = pathsOf([...operations, discoveryOf({ group, version })], 3, book.nameOf);
  return {
    openapi: '3.0.0',
    info: infoOf(options),
    paths,
    components: {
      schemas: book.write(own, operations, 3),
      securitySchemes: { BearerToken: bearerToken },
    },
    security: [{ BearerToken: [] }],
  };
}

/** The OpenAPI 2 document of all resources, as `/openapi/v2` serves it. */
export function openApiV2(definitions: readonly ResourceDefinition[], options: DocumentOptions = {}): JsonObject {
  const book = createBook(definitions);
  const operations = definitions.flatMap(operationsOf);
  const versions = [...new Map(definitions.map((entry) => [rootOf(entry), entry])).values()];
  return {
    swagger: '2.0',
    info: infoOf(options),
    paths: pathsOf([...operations, ...versions.map(discoveryOf)], 2, book.nameOf),
    definitions: book.write(definitions, operations, 2),
    securityDefinitions: { BearerToken: bearerToken },
    security: [{ BearerToken: [] }],
  };
}

const bearerToken: JsonObject = {
  description: 'A bearer token, sent as "Authorization: Bearer TOKEN".',
  in: 'header',
  name: 'authorization',
  type: 'apiKey',
};

function infoOf({ gitVersion = 'v1.36.0' }: DocumentOptions): JsonObject {
  return { title: 'Kubernetes', version: gitVersion };
}

function discoveryOf({ group, version }: { readonly group: string; readonly version: string }): Operation {
  const id = `get${group === '' ? 'Core' : group.replace(/\W+(\w)/g, (_all, letter: string) => letter.toUpperCase())}${version.toUpperCase()}APIResources`;
  const list: GroupVersionKind = { group: '', version: 'v1', kind: 'APIResourceList' };
  return {
    path: `${rootOf({ group, version })}/`,
    method: 'get',
    action: '',
    id,
    about: list,
    query: [],
    responses: { 200: list },
  };
}

/** The names of kinds, and the definitions that a set of operations leads to. */
interface Book {
  nameOf(payload: Payload): string | undefined;
  write(own: readonly ResourceDefinition[], operations: readonly Operation[], dialect: Dialect): JsonObject;
}

function createBook(definitions: readonly ResourceDefinition[]): Book {
  const schemas = new Map<string, Schema>();
  const kinds = new Map<string, GroupVersionKind[]>();
  const add = (kind: GroupVersionKind, schema: Schema): void => {
    schemas.set(keyOf(kind), schema);
    const known = kinds.get(schema.name) ?? [];
    if (!known.some((other) => keyOf(other) === keyOf(kind))) known.push(gvkOf(kind));
    kinds.set(schema.name, known);
  };
  for (const entry of [...subresourceKinds, ...discoveryKinds]) add(entry, entry.schema);
  for (const entry of definitions) {
    add(entry, entry.schema);
    if (entry.verbs.includes('list')) add({ ...gvkOf(entry), kind: entry.listKind }, listSchema(entry));
  }
  add({ group: '', version: 'v1', kind: 'Status' }, commonSchemas.Status);
  for (const entry of [{ group: '', version: 'v1' }, ...definitions]) {
    add({ ...entry, kind: 'DeleteOptions' }, commonSchemas.DeleteOptions);
    add({ ...entry, kind: 'WatchEvent' }, commonSchemas.WatchEvent);
  }
  const schemaOf = (payload: Payload): Schema | undefined =>
    typeof payload === 'object' ? schemas.get(keyOf(payload)) : payload === 'text' ? undefined : commonSchemas[payload];
  return {
    nameOf: (payload) => schemaOf(payload)?.name,
    write(own, operations, dialect) {
      const found = new Map<string, Schema>();
      for (const entry of own) collectDefinitions(entry.schema, found);
      for (const { body, responses } of operations) {
        for (const payload of [body, ...Object.values(responses)]) {
          const schema = payload === undefined ? undefined : schemaOf(payload);
          if (schema !== undefined) collectDefinitions(schema, found);
        }
      }
      for (const { schema } of discoveryKinds) collectDefinitions(schema, found);
      const names = [...found.keys()].sort();
      return Object.fromEntries(names.map((name) => [name, writeOne(found.get(name), kinds.get(name), dialect)]));
    },
  };
}

function writeOne(
  schema: Schema | undefined,
  kinds: readonly GroupVersionKind[] | undefined,
  dialect: Dialect,
): JsonObject {
  if (schema === undefined) return {};
  const definition = definitionOf(schema, dialect, descriptions);
  if (kinds !== undefined) definition['x-kubernetes-group-version-kind'] = kinds;
  return definition;
}

function keyOf({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}/${kind}`;
}

function gvkOf({ group, version, kind }: GroupVersionKind): GroupVersionKind {
  return { group, version, kind };
}

function listSchema({ schema }: ResourceDefinition): Schema {
  const fields = new Map<string, Schema>([
    ['apiVersion', string],
    ['items', list(schema)],
    ['kind', string],
    ['metadata', listMeta],
  ]);
  return node({ type: 'object', name: `${schema.name}List`, fields, required: ['items'] });
}
