// Rules of disruption budgets.
import { invalidValue, type FieldError } from '../../schema/field-error.ts';
import { checkShare, checkShareOfAll } from '../apps/rules/workload-rules.ts';
import { validateLabelSelector } from '../meta/label-selector-rules.ts';
import type { PodDisruptionBudget } from './pod-disruption-budget.ts';

/** Checks a budget: it says either what must stay or what may go. */
export function validateDisruptionBudget({ spec }: PodDisruptionBudget): FieldError[] {
  const { maxUnavailable, minAvailable, selector } = spec;
  const errors = validateLabelSelector(selector, 'spec.selector');
  if (maxUnavailable !== undefined && minAvailable !== undefined) {
    errors.push(invalidValue('spec', spec, 'minAvailable and maxUnavailable cannot be both set'));
  }
  for (const [field, value] of Object.entries({ maxUnavailable, minAvailable })) {
    errors.push(...checkShare(`spec.${field}`, value), ...checkShareOfAll(`spec.${field}`, value));
  }
  return errors;
}
