// The environment of admission expressions: the objects, the request, parameters, the namespace, the authorizer, and
// the structs that mutations are made of.
import {
  createEnvironment,
  kubernetesLibraries,
  types,
  type CelType,
  type Environment,
  type JsonType,
  type Variable,
} from '../../../../machinery/cel/index.ts';
import type { JSONSchemaProps as JsonSchema } from '../../../../api/kinds/apiextensions/json-schema-props.ts';
import { jsonTypeOf } from '../../crd/rules/json-type.ts';
import { authorizerLibrary, authorizerType, resourceCheckType } from './authorizer-library.ts';

const { dyn, text } = types;

const string: JsonSchema = { type: 'string' };
const boolean: JsonSchema = { type: 'boolean' };
const strings: JsonSchema = { type: 'array', items: string };
const dictionary: JsonSchema = { type: 'object', additionalProperties: string };
const object = (properties: Record<string, JsonSchema>): JsonSchema => ({ type: 'object', properties });
const kind = object({ group: string, version: string, kind: string });
const resource = object({ group: string, version: string, resource: string });

function typed(schema: JsonSchema): JsonType {
  // Their fields are written as they are: `request.namespace`.
  const type = jsonTypeOf(schema, false, (name) => name);
  if (type === undefined) throw new Error('the schema has no type');
  return type;
}

/** The type of `request`. */
export const requestType: JsonType = typed(
  object({
    kind,
    resource,
    subResource: string,
    requestKind: kind,
    requestResource: resource,
    requestSubResource: string,
    name: string,
    namespace: string,
    operation: string,
    userInfo: object({
      username: string,
      uid: string,
      groups: strings,
      extra: { type: 'object', additionalProperties: strings },
    }),
    dryRun: boolean,
    options: { type: 'object', additionalProperties: { 'x-kubernetes-int-or-string': true } },
  }),
);

/** The type of `namespaceObject`: what of a namespace is stable. */
export const namespaceType: JsonType = typed(
  object({
    metadata: object({
      name: string,
      generateName: string,
      namespace: string,
      labels: dictionary,
      annotations: dictionary,
      UID: string,
      creationTimestamp: { type: 'string', format: 'date-time' },
      deletionGracePeriodSeconds: { type: 'integer' },
      deletionTimestamp: { type: 'string', format: 'date-time' },
      generation: { type: 'integer' },
      resourceVersion: string,
      finalizers: strings,
    }),
    spec: object({ finalizers: strings }),
    status: object({ phase: string }),
  }),
);

/** What `variables` holds of names, as they come to be known. */
export type VariableTypes = ReadonlyMap<string, CelType>;

const jsonPatchType = types.objectType(
  'JSONPatch',
  new Map([
    ['op', text],
    ['path', text],
    ['from', text],
    ['value', dyn],
  ]),
);

/** What an ApplyConfiguration expression makes: an object of any shape, level by level. */
export const applyType: CelType = { kind: 'object', name: 'Object', fields: () => dyn };

function struct(name: string): CelType | undefined {
  if (name === 'JSONPatch') return jsonPatchType;
  if (name === 'Object') return applyType;
  return name.startsWith('Object.') ? { kind: 'object', name, fields: () => dyn } : undefined;
}

/** What an expression of a policy or webhook may use. */
export interface Allowance {
  readonly params?: boolean;
  readonly mutates?: boolean;
  readonly variables?: VariableTypes;
  /** The type of `object` and `oldObject` where it is known. */
  readonly object?: CelType;
  readonly paramType?: CelType;
}

const base = createEnvironment({
  variables: {
    object: { type: dyn },
    oldObject: { type: dyn },
    request: { type: requestType.type, shape: requestType },
    authorizer: { type: authorizerType },
    'authorizer.requestResource': { type: resourceCheckType },
  },
  libraries: [...kubernetesLibraries, authorizerLibrary],
});

/** The environment for expressions of this allowance. */
export function environmentOf({
  params = false,
  mutates = false,
  variables,
  object: type,
  paramType = dyn,
}: Allowance): Environment {
  const more: [string, Variable][] = [];
  if (type !== undefined) more.push(['object', { type }], ['oldObject', { type }]);
  if (params) more.push(['params', { type: paramType }]);
  if (variables !== undefined) {
    more.push(['namespaceObject', { type: namespaceType.type, shape: namespaceType }]);
    const fields = (name: string): CelType | undefined => variables.get(name);
    more.push(['variables', { type: { kind: 'object', name: 'kubernetes.variables', fields } }]);
  }
  return { ...base, variables: new Map([...base.variables, ...more]), struct: mutates ? struct : base.struct };
}
