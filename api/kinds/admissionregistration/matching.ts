// Which requests policies and webhooks are for.
import { atomicList, define, oneOf, required, string } from '../../schema/vocabulary.ts';
import { LabelSelector } from '../meta/label-selector.ts';

export class MatchCondition extends define('io.k8s.api.admissionregistration.v1.MatchCondition', {
  expression: required(string),
  name: required(string),
}) {}

export class NamedRuleWithOperations extends define(
  'io.k8s.api.admissionregistration.v1.NamedRuleWithOperations',
  {
    apiGroups: atomicList(string),
    apiVersions: atomicList(string),
    operations: atomicList(oneOf('*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE')),
    resourceNames: atomicList(string),
    resources: atomicList(string),
    scope: oneOf('*', 'Cluster', 'Namespaced'),
  },
  { atomic: true, defaults: { scope: '*' } },
) {}

export class MatchResources extends define(
  'io.k8s.api.admissionregistration.v1.MatchResources',
  {
    excludeResourceRules: atomicList(NamedRuleWithOperations),
    matchPolicy: oneOf('Equivalent', 'Exact'),
    namespaceSelector: LabelSelector,
    objectSelector: LabelSelector,
    resourceRules: atomicList(NamedRuleWithOperations),
  },
  { atomic: true, defaults: { matchPolicy: 'Equivalent', namespaceSelector: () => ({}), objectSelector: () => ({}) } },
) {}

export class RuleWithOperations extends define(
  'io.k8s.api.admissionregistration.v1.RuleWithOperations',
  {
    apiGroups: atomicList(string),
    apiVersions: atomicList(string),
    operations: atomicList(oneOf('*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE')),
    resources: atomicList(string),
    scope: oneOf('*', 'Cluster', 'Namespaced'),
  },
  {
    defaults: { scope: '*' },
  },
) {}
