// Operations as the `paths` of an OpenAPI document.
import type { JsonObject } from '../json-value.ts';
import { refTo, type Dialect } from './definition-schemas.ts';
import { parameterOf } from './parameters.ts';
import type { Operation, Payload } from './operations.ts';

type NameOf = (payload: Payload) => string | undefined;

const served = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const streamed = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const patches = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** Groups operations by path and writes each down. */
export function pathsOf(operations: readonly Operation[], dialect: Dialect, nameOf: NameOf): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const operation of operations) {
    const item = (paths[operation.path] ??= pathItem(operation.path, dialect));
    item[operation.method] = dialect === 3 ? operationV3(operation, nameOf) : operationV2(operation, nameOf);
  }
  return Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function pathItem(path: string, dialect: Dialect): JsonObject {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  return names.length === 0 ? {} : { parameters: names.map((name) => parameterOf('path', name, dialect)) };
}

function headOf({ about, action, id, query }: Operation, dialect: Dialect): JsonObject {
  const head: JsonObject = { operationId: id, tags: [tagOf(about)] };
  if (query.length > 0) head['parameters'] = query.map((name) => parameterOf('query', name, dialect));
  return action === ''
    ? head
    : { ...head, 'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': { ...about } };
}

function tagOf({ group, version }: Operation['about']): string {
  const words = group === '' ? ['core'] : group.replace(/\.k8s\.io$/, '').split('.');
  return `${words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('')}_${version}`;
}

function typesOf({ action }: Operation): string[] {
  if (action === 'connect') return ['*/*'];
  return ['list', 'watch', 'watchlist'].includes(action) ? [...served, ...streamed] : served;
}

const words: Readonly<Record<string, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 401: 'Unauthorized' };

function operationV2(operation: Operation, nameOf: NameOf): JsonObject {
  const { body, method, responses } = operation;
  const head = headOf(operation, 2);
  const schemaOf = (payload: Payload): JsonObject => {
    const name = nameOf(payload);
    return name === undefined ? { type: 'string' } : refTo(name, 2);
  };
  if (body !== undefined) {
    const parameters = (head['parameters'] as JsonObject[] | undefined) ?? [];
    head['parameters'] = [
      { in: 'body', name: 'body', required: body !== 'DeleteOptions', schema: schemaOf(body) },
      ...parameters,
    ];
  }
  const answers = Object.entries(responses).map(([code, payload]) => [
    code,
    { description: words[code], schema: schemaOf(payload) },
  ]);
  return {
    ...head,
    consumes: method === 'patch' && body === 'Patch' ? patches : ['*/*'],
    produces: typesOf(operation),
    schemes: ['https'],
    responses: { ...Object.fromEntries(answers), 401: { description: words[401] } },
  };
}

function operationV3(operation: Operation, nameOf: NameOf): JsonObject {
  const { body, method, responses } = operation;
  const contentOf = (payload: Payload, types: readonly string[]): JsonObject => {
    const name = nameOf(payload);
    const schema = name === undefined ? { type: 'string' } : refTo(name, 3);
    return Object.fromEntries(types.map((type) => [type, { schema }]));
  };
  const head = headOf(operation, 3);
  if (body !== undefined) {
    const types = method === 'patch' ? patches : ['*/*'];
    head['requestBody'] =
      body === 'DeleteOptions'
        ? { content: contentOf(body, types) }
        : { content: contentOf(body, types), required: true };
  }
  const answers = Object.entries(responses).map(([code, payload]) => [
    code,
    { description: words[code], content: contentOf(payload, payload === 'text' ? ['*/*'] : typesOf(operation)) },
  ]);
  return { ...head, responses: { ...Object.fromEntries(answers), 401: { description: words[401] } } };
}
