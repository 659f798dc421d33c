// Rules that workloads share: a selector that chooses its own template's pods and never changes, and numbers.
import { matchesLabelSelector } from '../../../meta/selectors.ts';
import { invalidValue, type FieldError } from '../../../schema/field-error.ts';
import { nonNegative } from '../../core/rules/checks.ts';
import { validateServiceTemplate } from '../../core/rules/pod-rules.ts';
import type { PodTemplateSpec } from '../../core/pod-template-spec.ts';
import type { LabelSelector } from '../../meta/label-selector.ts';
import { isEmptySelector, validateLabelSelector } from '../../meta/label-selector-rules.ts';
import { immutable } from '../../meta/object-meta-rules.ts';

/** What the specs of workloads have in common. */
export interface WorkloadSpec {
  selector: LabelSelector;
  template: PodTemplateSpec;
  replicas?: number;
  minReadySeconds?: number;
  revisionHistoryLimit?: number;
}

/** Checks what workloads have in common; `word` is what a sentence calls them. */
export function validateWorkload(spec: WorkloadSpec, word: string): FieldError[] {
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...validateSelector(spec, word),
    ...validateServiceTemplate(spec.template, 'spec.template'),
  ];
}

function validateSelector({ selector, template }: WorkloadSpec, word: string): FieldError[] {
  const errors = validateLabelSelector(selector, 'spec.selector');
  if (isEmptySelector(selector)) {
    errors.push(invalidValue('spec.selector', selector, `empty selector is invalid for ${word}`));
  } else if (errors.length === 0 && !matchesLabelSelector(selector, template.metadata?.labels)) {
    const labels = template.metadata?.labels ?? {};
    errors.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  }
  return errors;
}

/** A selector is for ever. */
export function validateSelectorKept(
  next: { selector: LabelSelector },
  previous: { selector: LabelSelector },
): FieldError[] {
  return immutable('spec.selector', next.selector, previous.selector);
}

const percentage = /^\d+%$/;

/** A number of pods, or a percentage of them. */
export function checkShare(path: string, value: number | string | undefined): FieldError[] {
  if (value === undefined) return [];
  if (typeof value === 'number') return nonNegative(path, value);
  if (percentage.test(value)) return [];
  const detail =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return [invalidValue(path, value, detail)];
}

/** At most all pods. */
export function checkShareOfAll(path: string, value: number | string | undefined): FieldError[] {
  const over = typeof value === 'string' && percentage.test(value) && Number(value.slice(0, -1)) > 100;
  return over ? [invalidValue(path, value, 'must not be greater than 100%')] : [];
}

/** Whether a share is nothing. */
export function isNothing(value: number | string | undefined): boolean {
  return value === undefined || value === 0 || value === '0' || value === '0%';
}
