// ValidatingAdmissionPolicy: rules for requests, written as expressions that the server itself evaluates.
import { atomicList, define, int64, keyedList, oneOf, present, required, string } from '../../schema/vocabulary.ts';
import { MatchCondition, MatchResources } from './matching.ts';
import { ParamKind, Variable } from './parameters.ts';
import { Condition } from '../meta/condition.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { validatingPolicyPrinter } from '../printing/access-printers.ts';

export class AuditAnnotation extends define('io.k8s.api.admissionregistration.v1.AuditAnnotation', {
  key: required(string),
  valueExpression: required(string),
}) {}

export class ExpressionWarning extends define('io.k8s.api.admissionregistration.v1.ExpressionWarning', {
  fieldRef: required(string),
  warning: required(string),
}) {}

export class TypeChecking extends define('io.k8s.api.admissionregistration.v1.TypeChecking', {
  expressionWarnings: atomicList(ExpressionWarning),
}) {}

export class Validation extends define('io.k8s.api.admissionregistration.v1.Validation', {
  expression: required(string),
  message: string,
  messageExpression: string,
  reason: string,
}) {}

export class ValidatingAdmissionPolicySpec extends define(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec',
  {
    auditAnnotations: atomicList(AuditAnnotation),
    failurePolicy: oneOf('Fail', 'Ignore'),
    matchConditions: keyedList(MatchCondition, 'name'),
    matchConstraints: MatchResources,
    paramKind: ParamKind,
    validations: atomicList(Validation),
    variables: keyedList(Variable, 'name'),
  },
  {
    defaults: { failurePolicy: 'Fail' },
  },
) {}

export class ValidatingAdmissionPolicyStatus extends define(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyStatus',
  {
    conditions: keyedList(Condition, 'type', { mergeKey: null }),
    observedGeneration: int64,
    typeChecking: TypeChecking,
  },
) {}

export class ValidatingAdmissionPolicy extends kind('io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy', {
  spec: present(ValidatingAdmissionPolicySpec),
  status: ValidatingAdmissionPolicyStatus,
}) {}

export const validatingAdmissionPolicies: ResourceDefinition<ValidatingAdmissionPolicy> = resource(
  ValidatingAdmissionPolicy,
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'validatingadmissionpolicies',
    categories: ['api-extensions'],
    namespaced: false,
    subresources: { status },
    printer: validatingPolicyPrinter,
  },
);
