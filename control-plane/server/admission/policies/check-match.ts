// What must hold of the matching part of a policy of either kind.
import type { ValidatingAdmissionPolicy } from '../../../../api/kinds/admissionregistration/index.ts';
import { forbiddenField, invalidValue, required, type FieldError } from '../../../../api/schema/field-error.ts';

type Matching = Pick<ValidatingAdmissionPolicy['spec'], 'matchConstraints' | 'paramKind' | 'matchConditions'>;

const mostConditions = 64;

/** The faults of constraints, parameters' kind and the number of conditions. */
export function checkMatch({ matchConstraints, paramKind, matchConditions = [] }: Matching): FieldError[] {
  const faults: FieldError[] = [];
  if (matchConstraints === undefined) faults.push(required('spec.matchConstraints'));
  else if ((matchConstraints.resourceRules ?? []).length === 0)
    faults.push(required('spec.matchConstraints.resourceRules'));
  for (const list of ['resourceRules', 'excludeResourceRules'] as const) {
    (matchConstraints?.[list] ?? []).forEach((rule, index) => {
      const path = `spec.matchConstraints.${list}[${index}]`;
      for (const part of ['operations', 'apiGroups', 'apiVersions', 'resources'] as const) {
        const values: readonly string[] = rule[part] ?? [];
        if (values.length === 0) faults.push(required(`${path}.${part}`));
        if (values.length > 1 && values.includes('*') && part !== 'resources')
          faults.push(invalidValue(`${path}.${part}`, values, "if '*' is present, must not specify other values"));
      }
    });
  }
  if (paramKind !== undefined) {
    if (!paramKind.apiVersion) faults.push(required('spec.paramKind.apiVersion'));
    if (!paramKind.kind) faults.push(required('spec.paramKind.kind'));
  }
  if (matchConditions.length > mostConditions)
    faults.push(forbiddenField('spec.matchConditions', `must have at most ${mostConditions} items`));
  return faults;
}

type Binding = {
  readonly policyName?: string;
  readonly paramRef?: { readonly name?: string; readonly selector?: object; readonly parameterNotFoundAction?: string };
  readonly validationActions?: readonly string[];
};

/** The faults of a binding; `acts` for those that name what follows a failed validation. */
export function checkBinding({ policyName, paramRef, validationActions = [] }: Binding, acts: boolean): FieldError[] {
  const faults: FieldError[] = [];
  if (!policyName) faults.push(required('spec.policyName'));
  if (acts && validationActions.length === 0)
    faults.push(required('spec.validationActions', 'at least one validation action is required'));
  if (validationActions.includes('Deny') && validationActions.includes('Warn'))
    faults.push(
      invalidValue(
        'spec.validationActions',
        validationActions,
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    );
  if (paramRef !== undefined) {
    const { name, selector, parameterNotFoundAction } = paramRef;
    if ((name ?? '') !== '' && selector !== undefined)
      faults.push(forbiddenField('spec.paramRef.name', 'name and selector are mutually exclusive'));
    if ((name ?? '') === '' && selector === undefined)
      faults.push(required('spec.paramRef', 'one of name or selector must be specified'));
    if (parameterNotFoundAction === undefined) faults.push(required('spec.paramRef.parameterNotFoundAction'));
    else if (parameterNotFoundAction !== 'Deny' && parameterNotFoundAction !== 'Allow')
      faults.push(
        invalidValue(
          'spec.paramRef.parameterNotFoundAction',
          parameterNotFoundAction,
          'supported values: "Allow", "Deny"',
        ),
      );
  }
  return faults;
}
