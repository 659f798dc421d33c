// FlowSchema: which requests belong together and how important they are.
import {
  atomicList,
  boolean,
  define,
  int32,
  keyedList,
  present,
  required,
  setOf,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { flowSchemaPrinter } from '../printing/access-printers.ts';

export class FlowDistinguisherMethod extends define('io.k8s.api.flowcontrol.v1.FlowDistinguisherMethod', {
  type: required(string),
}) {}

export class PriorityLevelConfigurationReference extends define(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationReference',
  {
    name: required(string),
  },
) {}

export class NonResourcePolicyRule extends define('io.k8s.api.flowcontrol.v1.NonResourcePolicyRule', {
  nonResourceURLs: required(setOf(string)),
  verbs: required(setOf(string)),
}) {}

export class ResourcePolicyRule extends define('io.k8s.api.flowcontrol.v1.ResourcePolicyRule', {
  apiGroups: required(setOf(string)),
  clusterScope: boolean,
  namespaces: setOf(string),
  resources: required(setOf(string)),
  verbs: required(setOf(string)),
}) {}

export class GroupSubject extends define('io.k8s.api.flowcontrol.v1.GroupSubject', {
  name: required(string),
}) {}

export class ServiceAccountSubject extends define('io.k8s.api.flowcontrol.v1.ServiceAccountSubject', {
  name: required(string),
  namespace: required(string),
}) {}

export class UserSubject extends define('io.k8s.api.flowcontrol.v1.UserSubject', {
  name: required(string),
}) {}

export class Subject extends define(
  'io.k8s.api.flowcontrol.v1.Subject',
  {
    group: GroupSubject,
    kind: required(string),
    serviceAccount: ServiceAccountSubject,
    user: UserSubject,
  },
  { union: { discriminator: 'kind', members: { group: 'Group', serviceAccount: 'ServiceAccount', user: 'User' } } },
) {}

export class PolicyRulesWithSubjects extends define('io.k8s.api.flowcontrol.v1.PolicyRulesWithSubjects', {
  nonResourceRules: atomicList(NonResourcePolicyRule),
  resourceRules: atomicList(ResourcePolicyRule),
  subjects: required(atomicList(Subject)),
}) {}

export class FlowSchemaSpec extends define(
  'io.k8s.api.flowcontrol.v1.FlowSchemaSpec',
  {
    distinguisherMethod: FlowDistinguisherMethod,
    matchingPrecedence: int32,
    priorityLevelConfiguration: required(PriorityLevelConfigurationReference),
    rules: atomicList(PolicyRulesWithSubjects),
  },
  {
    defaults: { matchingPrecedence: 1000 },
  },
) {}

export class FlowSchemaCondition extends define('io.k8s.api.flowcontrol.v1.FlowSchemaCondition', {
  lastTransitionTime: time,
  message: string,
  reason: string,
  status: string,
  type: string,
}) {}

export class FlowSchemaStatus extends define('io.k8s.api.flowcontrol.v1.FlowSchemaStatus', {
  conditions: keyedList(FlowSchemaCondition, 'type'),
}) {}

export class FlowSchema extends kind('io.k8s.api.flowcontrol.v1.FlowSchema', {
  spec: present(FlowSchemaSpec),
  status: FlowSchemaStatus,
}) {}

export const flowSchemas: ResourceDefinition<FlowSchema> = resource(FlowSchema, {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  plural: 'flowschemas',
  namespaced: false,
  subresources: { status },
  printer: flowSchemaPrinter,
});
