// The rules of CustomResourceDefinitions: names, versions, schemas, conversion. What the schema vocabulary cannot say.
import { customResourceDefinitions, type CustomResourceDefinition } from '../../../api/kinds/apiextensions/index.ts';
import type { JSONSchemaProps as JsonSchema } from '../../../api/kinds/apiextensions/json-schema-props.ts';
import { checkDns1035Label, checkDnsSubdomain } from '../../../api/meta/names.ts';
import {
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  type FieldError,
} from '../../../api/schema/field-error.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { approvalOf } from './api-approval.ts';
import { checkStructure } from './check-schema.ts';
import { compileJsonPath } from './json-path.ts';
import { checkRules } from './rules/check-rules.ts';
import { compileRules } from './rules/compile-rules.ts';

type Version = CustomResourceDefinition['spec']['versions'][number];

/** The catalogue with the rules of CustomResourceDefinitions, which need the expression language. */
export function withDefinitionRules(catalogue: readonly ResourceDefinition[]): ResourceDefinition[] {
  return catalogue.map((definition) => (isCrds(definition) ? ruled(definition) : definition));
}

function isCrds({ group, plural }: ResourceDefinition): boolean {
  return group === customResourceDefinitions.group && plural === customResourceDefinitions.plural;
}

function ruled(definition: ResourceDefinition): ResourceDefinition {
  return {
    ...definition,
    validate: (object) => [
      ...(definition.validate?.(object) ?? []),
      ...checkDefinition(object as unknown as CustomResourceDefinition),
    ],
    validateUpdate: (next, previous) => [
      ...(definition.validateUpdate?.(next, previous) ?? []),
      ...checkChange(next as unknown as CustomResourceDefinition, previous as unknown as CustomResourceDefinition),
    ],
  };
}

/** Everything wrong with a CRD by itself. */
export function checkDefinition({ metadata, spec }: CustomResourceDefinition): FieldError[] {
  const faults: FieldError[] = [];
  const { group, names, versions, scope } = spec;
  const wanted = `${names.plural}.${group}`;
  if (metadata.name !== wanted)
    faults.push(invalidValue('metadata.name', metadata.name, `must be spec.names.plural+"."+spec.group`));
  if (group === '') faults.push(required('spec.group'));
  else if (!group.includes('.'))
    faults.push(invalidValue('spec.group', group, 'should be a domain with at least one dot'));
  faults.push(...checkDnsSubdomain(group).map((sentence) => invalidValue('spec.group', group, sentence)));
  if (scope !== 'Cluster' && scope !== 'Namespaced')
    faults.push(notSupported('spec.scope', scope, ['Cluster', 'Namespaced']));
  if (spec.preserveUnknownFields === true)
    faults.push(
      invalidValue('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'),
    );
  faults.push(
    ...checkNames(names),
    ...checkVersions(versions),
    ...checkConversion(spec, versions),
    ...checkApproval(metadata, group),
  );
  versions.forEach((version, index) => faults.push(...checkVersion(version, `spec.versions[${index}]`)));
  return faults;
}

function checkNames(names: CustomResourceDefinition['spec']['names']): FieldError[] {
  const check = (path: string, value: string | undefined): FieldError[] =>
    value === undefined
      ? []
      : checkDns1035Label(value.toLowerCase()).map((sentence) => invalidValue(`spec.names.${path}`, value, sentence));
  return [
    ...check('plural', names.plural),
    ...check('singular', names.singular),
    ...check('kind', names.kind),
    ...check('listKind', names.listKind),
    ...(names.shortNames ?? []).flatMap((name, index) => check(`shortNames[${index}]`, name)),
    ...(names.categories ?? []).flatMap((name, index) => check(`categories[${index}]`, name)),
    ...(names.kind !== '' && names.kind === names.listKind
      ? [invalidValue('spec.names.listKind', names.listKind, 'kind and listKind may not be the same')]
      : []),
  ];
}

function checkVersions(versions: readonly Version[]): FieldError[] {
  const faults: FieldError[] = [];
  const stored = versions.filter(({ storage }) => storage).length;
  if (stored !== 1)
    faults.push(
      invalidValue(
        'spec.versions',
        versions.map(({ name }) => name),
        'must have exactly one version marked as storage version',
      ),
    );
  const seen = new Set<string>();
  versions.forEach(({ name }, index) => {
    const path = `spec.versions[${index}].name`;
    if (seen.has(name)) faults.push(invalidValue('spec.versions', name, 'must contain unique version names'));
    seen.add(name);
    faults.push(...checkDns1035Label(name).map((sentence) => invalidValue(path, name, sentence)));
  });
  return faults;
}

function checkConversion({ conversion }: CustomResourceDefinition['spec'], versions: readonly Version[]): FieldError[] {
  const path = 'spec.conversion';
  if (conversion === undefined) return [];
  const { strategy, webhook } = conversion;
  if (strategy !== 'None' && strategy !== 'Webhook')
    return [notSupported(`${path}.strategy`, strategy, ['None', 'Webhook'])];
  if (strategy === 'None')
    return webhook === undefined
      ? []
      : [forbiddenField(`${path}.webhook`, 'should not be set when strategy is not set to Webhook')];
  if (webhook?.clientConfig === undefined)
    return [required(`${path}.webhook.clientConfig`, 'required when strategy is set to Webhook')];
  const { url, service } = webhook.clientConfig;
  const faults: FieldError[] = [];
  if ((url === undefined) === (service === undefined))
    faults.push(required(`${path}.webhook.clientConfig`, 'exactly one of url or service is required'));
  if (url !== undefined && !/^https:\/\/[^/?#@]+/.test(url))
    faults.push(
      invalidValue(
        `${path}.webhook.clientConfig.url`,
        url,
        `'https' is the only allowed URL scheme; desired format: https://host[/path]`,
      ),
    );
  if ((webhook.conversionReviewVersions ?? []).length === 0)
    faults.push(required(`${path}.webhook.conversionReviewVersions`));
  else if (!webhook.conversionReviewVersions.some((version) => version === 'v1' || version === 'v1beta1'))
    faults.push(
      invalidValue(
        `${path}.webhook.conversionReviewVersions`,
        webhook.conversionReviewVersions,
        'must include at least one of v1, v1beta1',
      ),
    );
  if (versions.length === 0) faults.push(required('spec.versions'));
  return faults;
}

function checkApproval(metadata: CustomResourceDefinition['metadata'], group: string): FieldError[] {
  const { state, reason } = approvalOf(metadata, group);
  const path = 'metadata.annotations[api-approved.kubernetes.io]';
  if (state === 'missing') return [required(path, reason)];
  return state === 'bad' ? [invalidValue(path, metadata.annotations?.['api-approved.kubernetes.io'], reason)] : [];
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];

function checkVersion(version: Version, path: string): FieldError[] {
  const faults: FieldError[] = [];
  const schema = version.schema?.openAPIV3Schema;
  const at = `${path}.schema.openAPIV3Schema`;
  if (schema === undefined) faults.push(required(at, 'schemas are required'));
  else {
    const structural = checkStructure(schema, at);
    faults.push(...structural);
    // Rules are judged on what has a structure.
    if (structural.length === 0) faults.push(...checkRules(compileRules(schema), at));
  }
  (version.additionalPrinterColumns ?? []).forEach(({ name, type, jsonPath }, index) => {
    const column = `${path}.additionalPrinterColumns[${index}]`;
    if (name === '') faults.push(required(`${column}.name`));
    if (!columnTypes.includes(type)) faults.push(notSupported(`${column}.type`, type, columnTypes));
    if (compileJsonPath(jsonPath) === undefined)
      faults.push(invalidValue(`${column}.jsonPath`, jsonPath, 'must be a simple json path'));
  });
  faults.push(...checkScale(version, path), ...checkSelectable(version, schema, path));
  return faults;
}

function checkScale({ subresources }: Version, path: string): FieldError[] {
  const scale = subresources?.scale;
  if (scale === undefined) return [];
  const check = (
    name: 'specReplicasPath' | 'statusReplicasPath' | 'labelSelectorPath',
    roots: readonly string[],
  ): FieldError[] => {
    const value = scale[name];
    if (value === undefined || value === '')
      return name === 'labelSelectorPath' ? [] : [required(`${path}.subresources.scale.${name}`)];
    if (!/^(\.[A-Za-z_][A-Za-z0-9_-]*)+$/.test(value))
      return [invalidValue(`${path}.subresources.scale.${name}`, value, 'should be a simple json path')];
    return roots.some((root) => value.startsWith(`.${root}.`))
      ? []
      : [
          invalidValue(
            `${path}.subresources.scale.${name}`,
            value,
            `should be a json path under ${roots.map((root) => `.${root}`).join(' or ')}`,
          ),
        ];
  };
  return [
    ...check('specReplicasPath', ['spec']),
    ...check('statusReplicasPath', ['status']),
    ...check('labelSelectorPath', ['spec', 'status']),
  ];
}

const mostSelectable = 8;

function checkSelectable(
  { selectableFields = [] }: Version,
  schema: JsonSchema | undefined,
  path: string,
): FieldError[] {
  const faults: FieldError[] = [];
  if (selectableFields.length > mostSelectable)
    faults.push({
      path: `${path}.selectableFields`,
      reason: 'FieldValueTooMany',
      message: `Too many: ${selectableFields.length}: must have at most ${mostSelectable} items`,
    });
  const seen = new Set<string>();
  selectableFields.forEach(({ jsonPath }, index) => {
    const at = `${path}.selectableFields[${index}].jsonPath`;
    if (seen.has(jsonPath))
      faults.push({ path: at, reason: 'FieldValueDuplicate', message: `Duplicate value: ${JSON.stringify(jsonPath)}` });
    seen.add(jsonPath);
    if (!/^(\.[A-Za-z_][A-Za-z0-9_-]*)+$/.test(jsonPath))
      return faults.push(invalidValue(at, jsonPath, 'is an invalid path: must be a simple json path'));
    if (/^\.metadata(\.|$)/.test(jsonPath))
      return faults.push(invalidValue(at, jsonPath, 'must not point to fields in metadata'));
    const node = jsonPath
      .slice(1)
      .split('.')
      .reduce<JsonSchema | undefined>((one, name) => one?.properties?.[name], schema);
    if (node === undefined || !['string', 'boolean', 'integer'].includes(node.type ?? ''))
      return faults.push(
        invalidValue(
          at,
          jsonPath,
          node === undefined
            ? 'is an invalid path: does not refer to a valid field'
            : 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      );
    return undefined;
  });
  return faults;
}

/** What may not change while a CRD is established, and which versions must stay. */
function checkChange(next: CustomResourceDefinition, previous: CustomResourceDefinition): FieldError[] {
  const faults: FieldError[] = [];
  const fixed = (path: string, now: unknown, before: unknown): void => {
    if (now !== before) faults.push(invalidValue(path, now, 'field is immutable'));
  };
  const isEstablished = (previous.status?.conditions ?? []).some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );
  if (isEstablished) {
    fixed('spec.scope', next.spec.scope, previous.spec.scope);
    fixed('spec.names.kind', next.spec.names.kind, previous.spec.names.kind);
  }
  fixed('spec.group', next.spec.group, previous.spec.group);
  fixed('spec.names.plural', next.spec.names.plural, previous.spec.names.plural);
  const kept = new Set(next.spec.versions.map(({ name }) => name));
  (previous.status?.storedVersions ?? []).forEach((version, index) => {
    if (!kept.has(version))
      faults.push(
        invalidValue(
          `status.storedVersions[${index}]`,
          version,
          'missing from spec.versions; it was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in the old version and removes it from status.storedVersions',
        ),
      );
  });
  return faults;
}
