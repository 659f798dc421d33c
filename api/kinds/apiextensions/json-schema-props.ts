// JSONSchemaProps: the schema language of custom resources. It contains itself, so its type is written out.
import { node, type Schema } from '../../schema/schema.ts';
import {
  atomicList,
  boolean,
  define,
  double,
  int64,
  keyedList,
  map,
  oneOf,
  recursive,
  required,
  string,
} from '../../schema/vocabulary.ts';

const group = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

export class ExternalDocumentation extends define(`${group}.ExternalDocumentation`, {
  description: string,
  url: string,
}) {}

export class ValidationRule extends define(`${group}.ValidationRule`, {
  fieldPath: string,
  message: string,
  messageExpression: string,
  optionalOldSelf: boolean,
  reason: oneOf('FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'),
  rule: required(string),
}) {}

/** A schema of a custom resource, or of a part of it. */
export interface JSONSchemaProps {
  $ref?: string;
  $schema?: string;
  additionalItems?: JSONSchemaProps | boolean;
  additionalProperties?: JSONSchemaProps | boolean;
  allOf?: JSONSchemaProps[];
  anyOf?: JSONSchemaProps[];
  default?: unknown;
  definitions?: Record<string, JSONSchemaProps>;
  dependencies?: Record<string, JSONSchemaProps | string[]>;
  description?: string;
  enum?: unknown[];
  example?: unknown;
  exclusiveMaximum?: boolean;
  exclusiveMinimum?: boolean;
  externalDocs?: ExternalDocumentation;
  format?: string;
  id?: string;
  items?: JSONSchemaProps | JSONSchemaProps[];
  maxItems?: number;
  maxLength?: number;
  maxProperties?: number;
  maximum?: number;
  minItems?: number;
  minLength?: number;
  minProperties?: number;
  minimum?: number;
  multipleOf?: number;
  not?: JSONSchemaProps;
  nullable?: boolean;
  oneOf?: JSONSchemaProps[];
  pattern?: string;
  patternProperties?: Record<string, JSONSchemaProps>;
  properties?: Record<string, JSONSchemaProps>;
  required?: string[];
  title?: string;
  type?: string;
  uniqueItems?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-map-type'?: string;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-validations'?: ValidationRule[];
}

const json: Schema = node({ type: 'json', name: `${group}.JSON` });
const schemaOrArray: Schema = node({ type: 'json', name: `${group}.JSONSchemaPropsOrArray` });
const schemaOrBool: Schema = node({ type: 'json', name: `${group}.JSONSchemaPropsOrBool` });
const schemaOrStrings: Schema = node({ type: 'json', name: `${group}.JSONSchemaPropsOrStringArray` });

export const JSONSchemaProps = recursive<JSONSchemaProps>(`${group}.JSONSchemaProps`, (self) => ({
  $ref: string,
  $schema: string,
  additionalItems: schemaOrBool,
  additionalProperties: schemaOrBool,
  allOf: atomicList(self),
  anyOf: atomicList(self),
  default: json,
  definitions: map(self),
  dependencies: map(schemaOrStrings),
  description: string,
  enum: atomicList(json),
  example: json,
  exclusiveMaximum: boolean,
  exclusiveMinimum: boolean,
  externalDocs: ExternalDocumentation,
  format: string,
  id: string,
  items: schemaOrArray,
  maxItems: int64,
  maxLength: int64,
  maxProperties: int64,
  maximum: double,
  minItems: int64,
  minLength: int64,
  minProperties: int64,
  minimum: double,
  multipleOf: double,
  not: self,
  nullable: boolean,
  oneOf: atomicList(self),
  pattern: string,
  patternProperties: map(self),
  properties: map(self),
  required: atomicList(string),
  title: string,
  type: string,
  uniqueItems: boolean,
  'x-kubernetes-embedded-resource': boolean,
  'x-kubernetes-int-or-string': boolean,
  'x-kubernetes-list-map-keys': atomicList(string),
  'x-kubernetes-list-type': string,
  'x-kubernetes-map-type': string,
  'x-kubernetes-preserve-unknown-fields': boolean,
  'x-kubernetes-validations': keyedList(ValidationRule, 'rule'),
}));
