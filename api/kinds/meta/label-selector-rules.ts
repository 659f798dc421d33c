// What a label selector inside an object must keep to.
import { checkLabelValue, checkQualifiedName } from '../../meta/names.ts';
import type { LabelSelectorLike } from '../../meta/selectors.ts';
import { forbiddenField, invalidValue, required, type FieldError } from '../../schema/field-error.ts';
import { validateLabels } from './object-meta-rules.ts';

/** Checks a selector; an absent one has no faults. */
export function validateLabelSelector(selector: LabelSelectorLike | undefined, path: string): FieldError[] {
  const errors = validateLabels(selector?.matchLabels, `${path}.matchLabels`);
  for (const [index, { key, operator, values = [] }] of (selector?.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${index}]`;
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      if (values.length > 0) errors.push(forbiddenField(`${at}.values`, detail));
    } else {
      errors.push(invalidValue(`${at}.operator`, operator, 'not a valid selector operator'));
    }
    if (key) errors.push(...checkQualifiedName(key).map((sentence) => invalidValue(`${at}.key`, key, sentence)));
    for (const [at2, value] of values.entries()) {
      errors.push(...checkLabelValue(value).map((sentence) => invalidValue(`${at}.values[${at2}]`, value, sentence)));
    }
  }
  return errors;
}

/** Whether a selector chooses nothing in particular: it has no requirement. */
export function isEmptySelector(selector: LabelSelectorLike | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length === 0;
}
