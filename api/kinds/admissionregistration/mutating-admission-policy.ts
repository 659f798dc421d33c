// MutatingAdmissionPolicy: changes to requests, written as expressions that the server itself evaluates.
import { atomicList, define, keyedList, oneOf, present, required, string } from '../../schema/vocabulary.ts';
import { MatchCondition, MatchResources } from './matching.ts';
import { ParamKind, Variable } from './parameters.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { mutatingPolicyPrinter } from '../printing/access-printers.ts';

export class ApplyConfiguration extends define('io.k8s.api.admissionregistration.v1.ApplyConfiguration', {
  expression: string,
}) {}

export class JSONPatch extends define('io.k8s.api.admissionregistration.v1.JSONPatch', {
  expression: string,
}) {}

export class Mutation extends define('io.k8s.api.admissionregistration.v1.Mutation', {
  applyConfiguration: ApplyConfiguration,
  jsonPatch: JSONPatch,
  patchType: required(oneOf('ApplyConfiguration', 'JSONPatch')),
}) {}

export class MutatingAdmissionPolicySpec extends define(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicySpec',
  {
    failurePolicy: oneOf('Fail', 'Ignore'),
    matchConditions: keyedList(MatchCondition, 'name'),
    matchConstraints: MatchResources,
    mutations: atomicList(Mutation),
    paramKind: ParamKind,
    reinvocationPolicy: oneOf('IfNeeded', 'Never'),
    variables: atomicList(Variable),
  },
  {
    defaults: { failurePolicy: 'Fail' },
  },
) {}

export class MutatingAdmissionPolicy extends kind('io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy', {
  spec: present(MutatingAdmissionPolicySpec),
}) {}

export const mutatingAdmissionPolicies: ResourceDefinition<MutatingAdmissionPolicy> = resource(
  MutatingAdmissionPolicy,
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'mutatingadmissionpolicies',
    categories: ['api-extensions'],
    namespaced: false,
    printer: mutatingPolicyPrinter,
  },
);
