// Where a pod may go: node selectors, affinity, tolerations, spreading.
import { checkLabelValue, checkQualifiedName } from '../../../meta/names.ts';
import { forbiddenField, invalidValue, notSupported, required, type FieldError } from '../../../schema/field-error.ts';
import { validateLabels } from '../../meta/object-meta-rules.ts';
import { validateLabelSelector } from '../../meta/label-selector-rules.ts';
import type { Affinity, NodeSelectorTerm, PodAffinityTerm } from '../affinity.ts';
import type { PodSpec } from '../pod-spec.ts';
import type { Toleration } from '../toleration.ts';
import type { TopologySpreadConstraint } from '../topology-spread-constraint.ts';
import { invalidFor } from './checks.ts';

/** Checks everything that limits which node a pod gets. */
export function validatePlacement(spec: PodSpec, path: string): FieldError[] {
  return [
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...(spec.tolerations ?? []).flatMap((toleration, index) =>
      validateToleration(toleration, `${path}.tolerations[${index}]`),
    ),
    ...(spec.topologySpreadConstraints ?? []).flatMap((constraint, index) =>
      validateSpread(constraint, `${path}.topologySpreadConstraints[${index}]`),
    ),
  ];
}

function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {};
  const errors: FieldError[] = [];
  const needed = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const at = `${path}.nodeAffinity`;
  if (needed !== undefined) {
    const terms = `${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
    if ((needed.nodeSelectorTerms ?? []).length === 0) {
      errors.push(required(terms, 'must have at least one node selector term'));
    }
    errors.push(
      ...(needed.nodeSelectorTerms ?? []).flatMap((term, index) => validateNodeTerm(term, `${terms}[${index}]`)),
    );
  }
  for (const [index, { preference, weight }] of (
    nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  ).entries()) {
    const where = `${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    errors.push(...checkWeight(`${where}.weight`, weight), ...validateNodeTerm(preference, `${where}.preference`));
  }
  for (const [name, pods] of Object.entries({ podAffinity, podAntiAffinity })) {
    const where = `${path}.${name}`;
    for (const [index, term] of (pods?.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
      errors.push(...validatePodTerm(term, `${where}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`));
    }
    for (const [index, { podAffinityTerm, weight }] of (
      pods?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    ).entries()) {
      const place = `${where}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
      errors.push(
        ...checkWeight(`${place}.weight`, weight),
        ...validatePodTerm(podAffinityTerm, `${place}.podAffinityTerm`),
      );
    }
  }
  return errors;
}

function checkWeight(path: string, weight: number): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalidValue(path, weight, 'must be in the range 1-100')];
}

/** Checks one term of a node selector. */
export function validateNodeTerm(term: NodeSelectorTerm, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { key, operator, values = [] }] of (term.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${index}]`;
    if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
      errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    }
    if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
      errors.push(forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
    if ((operator === 'Gt' || operator === 'Lt') && values.length !== 1) {
      errors.push(required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
    }
    if (key) errors.push(...invalidFor(`${at}.key`, key, checkQualifiedName(key)));
  }
  for (const [index, { key, operator, values = [] }] of (term.matchFields ?? []).entries()) {
    const at = `${path}.matchFields[${index}]`;
    if (key !== 'metadata.name') errors.push(notSupported(`${at}.key`, key, ['metadata.name']));
    if ((operator === 'In' || operator === 'NotIn') && values.length !== 1) {
      errors.push(
        required(`${at}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"),
      );
    }
  }
  return errors;
}

function validatePodTerm(term: PodAffinityTerm, path: string): FieldError[] {
  return [
    ...validateLabelSelector(term.labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`),
    ...(term.topologyKey
      ? invalidFor(`${path}.topologyKey`, term.topologyKey, checkQualifiedName(term.topologyKey))
      : []),
  ];
}

/** Checks one toleration. */
export function validateToleration(toleration: Toleration, path: string): FieldError[] {
  const { effect, key = '', operator = 'Equal', tolerationSeconds, value = '' } = toleration;
  const errors = key === '' ? [] : invalidFor(`${path}.key`, key, checkQualifiedName(key));
  if (key === '' && operator !== 'Exists') {
    errors.push(
      invalidValue(
        `${path}.operator`,
        operator,
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    );
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(
      invalidValue(`${path}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"),
    );
  }
  if (operator === 'Exists' && value !== '') {
    errors.push(invalidValue(`${path}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
  }
  if (operator === 'Equal') errors.push(...invalidFor(`${path}.operator`, value, checkLabelValue(value)));
  return errors;
}

function validateSpread(constraint: TopologySpreadConstraint, path: string): FieldError[] {
  const { labelSelector, maxSkew, minDomains, topologyKey, whenUnsatisfiable } = constraint;
  const errors = validateLabelSelector(labelSelector, `${path}.labelSelector`);
  if (maxSkew <= 0) errors.push(invalidValue(`${path}.maxSkew`, maxSkew, 'must be greater than zero'));
  if (topologyKey) errors.push(...invalidFor(`${path}.topologyKey`, topologyKey, checkQualifiedName(topologyKey)));
  if (minDomains !== undefined && minDomains <= 0) {
    errors.push(invalidValue(`${path}.minDomains`, minDomains, 'must be greater than zero'));
  }
  if (minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule') {
    const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
    errors.push(invalidValue(`${path}.minDomains`, minDomains, detail));
  }
  return errors;
}
