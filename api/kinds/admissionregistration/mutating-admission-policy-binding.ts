// MutatingAdmissionPolicyBinding: puts a mutating policy to work, with its parameters and for some resources.
import { define, present, string } from '../../schema/vocabulary.ts';
import { MatchResources } from './matching.ts';
import { ParamRef } from './parameters.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { policyBindingPrinter } from '../printing/access-printers.ts';

export class MutatingAdmissionPolicyBindingSpec extends define(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBindingSpec',
  {
    matchResources: MatchResources,
    paramRef: ParamRef,
    policyName: string,
  },
) {}

export class MutatingAdmissionPolicyBinding extends kind(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding',
  {
    spec: present(MutatingAdmissionPolicyBindingSpec),
  },
) {}

export const mutatingAdmissionPolicyBindings: ResourceDefinition<MutatingAdmissionPolicyBinding> = resource(
  MutatingAdmissionPolicyBinding,
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'mutatingadmissionpolicybindings',
    categories: ['api-extensions'],
    namespaced: false,
    printer: policyBindingPrinter,
  },
);
