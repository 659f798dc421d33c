// ValidatingAdmissionPolicyBinding: puts a validating policy to work, with its parameters and for some resources.
import { define, oneOf, required, setOf, string } from '../../schema/vocabulary.ts';
import { MatchResources } from './matching.ts';
import { ParamRef } from './parameters.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { policyBindingPrinter } from '../printing/access-printers.ts';

export class ValidatingAdmissionPolicyBindingSpec extends define(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec',
  {
    matchResources: MatchResources,
    paramRef: ParamRef,
    policyName: required(string),
    validationActions: required(setOf(oneOf('Audit', 'Deny', 'Warn'))),
  },
) {}

export class ValidatingAdmissionPolicyBinding extends kind(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding',
  {
    spec: required(ValidatingAdmissionPolicyBindingSpec),
  },
) {}

export const validatingAdmissionPolicyBindings: ResourceDefinition<ValidatingAdmissionPolicyBinding> = resource(
  ValidatingAdmissionPolicyBinding,
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'validatingadmissionpolicybindings',
    categories: ['api-extensions'],
    namespaced: false,
    printer: policyBindingPrinter,
  },
);
