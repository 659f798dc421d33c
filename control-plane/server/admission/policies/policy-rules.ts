// The rules of policies and bindings when they are written, which need the expression language.
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  type MutatingAdmissionPolicy,
  type ValidatingAdmissionPolicy,
  type ValidatingAdmissionPolicyBinding,
} from '../../../../api/kinds/admissionregistration/index.ts';
import type { KubernetesObject } from '../../../../api/meta/object-meta.ts';
import type { FieldError } from '../../../../api/schema/field-error.ts';
import type { ResourceDefinition } from '../../served/definition.ts';
import { checkWebhookConditions } from '../../webhooks/match-conditions.ts';
import { checkBinding } from './check-match.ts';
import { mutatingCompiler } from './mutating-compiled.ts';
import { validatingCompiler } from './validating-compiled.ts';

type Rule = (object: KubernetesObject) => readonly FieldError[];

const asBinding = (object: KubernetesObject): ValidatingAdmissionPolicyBinding['spec'] =>
  (object as ValidatingAdmissionPolicyBinding).spec;

const rules: Readonly<Record<string, Rule>> = {
  [validatingAdmissionPolicies.plural]: (object) => validatingCompiler.now(object as ValidatingAdmissionPolicy).faults,
  [mutatingAdmissionPolicies.plural]: (object) => mutatingCompiler.now(object as MutatingAdmissionPolicy).faults,
  [validatingAdmissionPolicyBindings.plural]: (object) => checkBinding(asBinding(object), true),
  [mutatingAdmissionPolicyBindings.plural]: (object) => checkBinding(asBinding(object), false),
  validatingwebhookconfigurations: checkWebhookConditions,
  mutatingwebhookconfigurations: checkWebhookConditions,
};

/** The catalogue with the rules of admission policies and of webhooks' match conditions. */
export function withPolicyRules(catalogue: readonly ResourceDefinition[]): ResourceDefinition[] {
  return catalogue.map((definition) => {
    const rule = definition.group === 'admissionregistration.k8s.io' ? rules[definition.plural] : undefined;
    if (rule === undefined) return definition;
    return { ...definition, validate: (object) => [...(definition.validate?.(object) ?? []), ...rule(object)] };
  });
}
