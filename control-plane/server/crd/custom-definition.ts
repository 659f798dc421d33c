// A served version of a CRD as a ResourceDefinition: from here on a custom resource is served by the same road as any other.
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from '../../../api/kinds/apiextensions/index.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../../../api/kinds/meta/object-meta-rules.ts';
import { allVerbs, scale, status, type SubresourceDefinition } from '../../../api/kinds/resource.ts';
import { checkDnsSubdomain } from '../../../api/meta/names.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { FieldError } from '../../../api/schema/field-error.ts';
import type { Store } from '../../store/contract.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import type { WebhookClient } from '../webhooks/webhook-client.ts';
import { conversionFor, type Convert } from './convert-objects.ts';
import { columnsOf } from './custom-columns.ts';
import { compileJsonPath } from './json-path.ts';
import { mergeSchemaOf } from './merge-schema.ts';
import { compileRules } from './rules/compile-rules.ts';
import { evaluateRulesInTurns } from './rules/evaluate-rules.ts';
import { nextTurn } from './rules/turns.ts';
import { viewStored, type StorageForm } from './stored-view.ts';
import { compileSchema, type StructuralNode } from './structural-schema.ts';
import { decodeMetadata, fillDefaults, isSettled, prune, validateNode } from './walk-structure.ts';

/** Where a custom resource keeps its number of replicas. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  readonly labelSelector: readonly string[] | undefined;
}

/** What the registry does differently for custom resources. */
export interface CustomRules {
  /** The CRD's name. */
  readonly crdName: string;
  /** Prunes in place and checks types of metadata; answers what has a wrong type. */
  decode(object: object, onUnknown: (path: string) => void): FieldError[];
  /** Fills declared defaults in place. */
  applyDefaults(object: object): void;
  readonly scale: ScalePaths | undefined;
  /** What is wrong with the next version of an object; what did not change is not judged anew. */
  judgeUpdate(next: KubernetesObject, previous: KubernetesObject, subresource: string): FieldError[];
  /** What the schema's rules refuse, asked in turns after the structure was found sound; absent without rules. */
  readonly judgeRules:
    ((next: KubernetesObject, previous: KubernetesObject | undefined) => Promise<FieldError[]>) | undefined;
  /** Converts objects, which it owns, between the versions of the CRD. */
  readonly convert: Convert;
  /** The store as this version sees it. */
  view(store: Store): Store;
  /** Told to clients with every answer. */
  readonly deprecationWarning: string | undefined;
  /** Fields that field selectors may name, for OpenAPI. */
  readonly selectable: readonly string[];
  /** The schema as the CRD's author wrote it, for OpenAPI. */
  readonly openApi: object | undefined;
}

/** A definition that a CRD brought. */
export interface CustomDefinition extends ResourceDefinition {
  readonly custom: CustomRules;
}

/** The custom side of a definition, if it has one. */
export function customRulesOf(definition: ResourceDefinition): CustomRules | undefined {
  return (definition as Partial<CustomDefinition>).custom;
}

/** The definitions of every served version. */
export function definitionsOf(crd: Readonly<CustomResourceDefinition>, client: WebhookClient): CustomDefinition[] {
  const stored = crd.spec.versions.find((version) => version.storage)?.name ?? '';
  const convert = conversionFor(crd, client);
  return crd.spec.versions
    .filter((version) => version.served)
    .map((version) => definitionOf(crd, version, stored, convert));
}

function definitionOf(
  crd: Readonly<CustomResourceDefinition>,
  version: CustomResourceDefinitionVersion,
  stored: string,
  convert: Convert,
): CustomDefinition {
  const { group, names, scope } = crd.spec;
  const schema = compileSchema(version.schema?.openAPIV3Schema ?? { 'x-kubernetes-preserve-unknown-fields': true });
  const declared = version.schema?.openAPIV3Schema;
  const rules = declared === undefined ? undefined : compileRules(declared);
  const judge = createJudge(schema, rules !== undefined);
  const form: StorageForm = {
    storedApiVersion: `${group}/${stored}`,
    servedApiVersion: `${group}/${version.name}`,
    convert,
    isComplete: (object) => isSettled(schema, object, true),
    complete(object) {
      prune(schema, object, '', true, () => undefined);
      fillDefaults(schema, object);
    },
  };
  const subresources: Record<string, SubresourceDefinition> = {};
  if (version.subresources?.status !== undefined) subresources['status'] = status;
  if (version.subresources?.scale !== undefined) subresources['scale'] = scale;
  const hasStatus = 'status' in subresources;
  const { columns, row } = columnsOf(version.additionalPrinterColumns);
  return {
    group,
    version: version.name,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    verbs: allVerbs,
    subresources,
    storagePrefix: `/registry/${group}/${names.plural}/`,
    // Decoding and validation are the compiled schema's; this one says how server-side apply merges.
    schema: mergeSchemaOf(openApiName(group, version.name, names.kind), version.schema?.openAPIV3Schema),
    columns,
    row,
    selectableFields: selectableFieldsOf(version),
    validate: (object) => [...validateObjectMeta(object.metadata, checkDnsSubdomain), ...judge(object, undefined)],
    prepareForCreate: (object) => {
      if (hasStatus) delete (object as { status?: unknown }).status;
    },
    custom: {
      crdName: crd.metadata.name,
      decode(object, onUnknown) {
        prune(schema, object, '', true, onUnknown);
        return decodeMetadata(object as Record<string, unknown>, onUnknown);
      },
      applyDefaults: (object) => fillDefaults(schema, object),
      judgeUpdate: (next, previous, subresource) => [
        ...(subresource === 'status' ? [] : validateObjectMeta(next.metadata, checkDnsSubdomain)),
        ...validateObjectMetaUpdate(next.metadata, previous.metadata),
        ...judge(next, previous),
      ],
      judgeRules:
        rules && (async (next, previous) => (await evaluateRulesInTurns(rules, next, previous, nextTurn)).faults),
      convert,
      view: (store) => viewStored(store, form),
      scale: scalePathsOf(version),
      deprecationWarning:
        version.deprecated === true
          ? (version.deprecationWarning ?? `${group}/${version.name} ${names.kind} is deprecated`)
          : undefined,
      selectable: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
      openApi: version.schema?.openAPIV3Schema,
    },
  };
}

/** What the schema refuses. The rules are asked later, and only about objects that have their structure. */
function createJudge(
  schema: StructuralNode,
  hasRules: boolean,
): (next: KubernetesObject, previous: KubernetesObject | undefined) => FieldError[] {
  return (next, previous) => {
    const faults: FieldError[] = [];
    validateNode(schema, next, '', faults, previous === undefined ? undefined : { value: previous });
    if (!hasRules || faults.length === 0) return faults;
    const message =
      'Invalid value: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
    return [...faults, { path: '', reason: 'FieldValueInvalid', message }];
  };
}

/** `io.example.v1.Widget` for widgets of example.io/v1. */
export function openApiName(group: string, version: string, kind: string): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

function scalePathsOf({ subresources }: CustomResourceDefinitionVersion): ScalePaths | undefined {
  const paths = subresources?.scale;
  if (paths === undefined) return undefined;
  const split = (path: string): string[] => path.split('.').filter((part) => part !== '');
  return {
    specReplicas: split(paths.specReplicasPath),
    statusReplicas: split(paths.statusReplicasPath),
    labelSelector: paths.labelSelectorPath === undefined ? undefined : split(paths.labelSelectorPath),
  };
}

function selectableFieldsOf({
  selectableFields = [],
}: CustomResourceDefinitionVersion): ResourceDefinition['selectableFields'] {
  const paths = selectableFields.map(
    ({ jsonPath }) => [jsonPath.replace(/^\./, ''), compileJsonPath(jsonPath)] as const,
  );
  return (object) => {
    const { name, namespace } = object.metadata;
    const facts: Record<string, string> = {
      'metadata.name': name,
      ...(namespace ? { 'metadata.namespace': namespace } : {}),
    };
    for (const [key, path] of paths) facts[key] = String(path?.(object)[0] ?? '');
    return facts;
  };
}
