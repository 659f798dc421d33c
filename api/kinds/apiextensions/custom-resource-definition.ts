// CustomResourceDefinition: a kind of your own.
import {
  atomicList,
  boolean,
  bytes,
  define,
  int32,
  int64,
  keyedList,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { JSONSchemaProps } from './json-schema-props.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';

export class CustomResourceColumnDefinition extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition',
  {
    description: string,
    format: string,
    jsonPath: required(string),
    name: required(string),
    priority: int32,
    type: required(string),
  },
) {}

export class ServiceReference extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference',
  {
    name: required(string),
    namespace: required(string),
    path: string,
    port: int32,
  },
  {
    defaults: { port: 443 },
  },
) {}

export class WebhookClientConfig extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookClientConfig',
  {
    caBundle: bytes,
    service: ServiceReference,
    url: string,
  },
) {}

export class WebhookConversion extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookConversion',
  {
    clientConfig: WebhookClientConfig,
    conversionReviewVersions: required(atomicList(string)),
  },
) {}

export class CustomResourceConversion extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion',
  {
    strategy: required(string),
    webhook: WebhookConversion,
  },
) {}

export class CustomResourceDefinitionNames extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionNames',
  {
    categories: atomicList(string),
    kind: required(string),
    listKind: string,
    plural: required(string),
    shortNames: atomicList(string),
    singular: string,
  },
  {
    defaults: {
      singular: ({ kind }) => kind.toLowerCase(),
      listKind: ({ kind }) => (kind === '' ? undefined : `${kind}List`),
    },
  },
) {}

export class CustomResourceValidation extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceValidation',
  {
    openAPIV3Schema: JSONSchemaProps,
  },
) {}

export class SelectableField extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.SelectableField',
  {
    jsonPath: required(string),
  },
) {}

export class CustomResourceSubresourceScale extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceScale',
  {
    labelSelectorPath: string,
    specReplicasPath: required(string),
    statusReplicasPath: required(string),
  },
) {}

export class CustomResourceSubresourceStatus extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus',
  {},
) {}

export class CustomResourceSubresources extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresources',
  {
    scale: CustomResourceSubresourceScale,
    status: CustomResourceSubresourceStatus,
  },
) {}

export class CustomResourceDefinitionVersion extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion',
  {
    additionalPrinterColumns: atomicList(CustomResourceColumnDefinition),
    deprecated: boolean,
    deprecationWarning: string,
    name: required(string),
    schema: CustomResourceValidation,
    selectableFields: atomicList(SelectableField),
    served: required(boolean),
    storage: required(boolean),
    subresources: CustomResourceSubresources,
  },
) {}

export class CustomResourceDefinitionSpec extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec',
  {
    conversion: CustomResourceConversion,
    group: required(string),
    names: required(CustomResourceDefinitionNames),
    preserveUnknownFields: boolean,
    scope: required(string),
    versions: required(atomicList(CustomResourceDefinitionVersion)),
  },
  {
    defaults: { conversion: () => ({ strategy: 'None' }) },
  },
) {}

export class CustomResourceDefinitionCondition extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition',
  {
    lastTransitionTime: time,
    message: string,
    observedGeneration: int64,
    reason: string,
    status: required(string),
    type: required(string),
  },
) {}

export class CustomResourceDefinitionStatus extends define(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus',
  {
    acceptedNames: CustomResourceDefinitionNames,
    conditions: keyedList(CustomResourceDefinitionCondition, 'type', { mergeKey: null }),
    observedGeneration: int64,
    storedVersions: atomicList(string),
  },
) {}

export class CustomResourceDefinition extends kind(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  {
    spec: required(CustomResourceDefinitionSpec),
    status: CustomResourceDefinitionStatus,
  },
) {}

export const customResourceDefinitions: ResourceDefinition<CustomResourceDefinition> = resource(
  CustomResourceDefinition,
  {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    namespaced: false,
    subresources: { status },
    storage: 'apiextensions.k8s.io/customresourcedefinitions',
  },
);
