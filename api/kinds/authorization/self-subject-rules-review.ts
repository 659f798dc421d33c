// SelfSubjectRulesReview: asks what the caller may do in a namespace.
import { atomicList, boolean, define, required, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';

export class NonResourceRule extends define('io.k8s.api.authorization.v1.NonResourceRule', {
  nonResourceURLs: atomicList(string),
  verbs: required(atomicList(string)),
}) {}

export class ResourceRule extends define('io.k8s.api.authorization.v1.ResourceRule', {
  apiGroups: atomicList(string),
  resourceNames: atomicList(string),
  resources: atomicList(string),
  verbs: required(atomicList(string)),
}) {}

export class SelfSubjectRulesReviewSpec extends define('io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec', {
  namespace: string,
}) {}

export class SubjectRulesReviewStatus extends define('io.k8s.api.authorization.v1.SubjectRulesReviewStatus', {
  evaluationError: string,
  incomplete: required(boolean),
  nonResourceRules: required(atomicList(NonResourceRule)),
  resourceRules: required(atomicList(ResourceRule)),
}) {}

export class SelfSubjectRulesReview extends kind('io.k8s.api.authorization.v1.SelfSubjectRulesReview', {
  spec: required(SelfSubjectRulesReviewSpec),
  status: SubjectRulesReviewStatus,
}) {}

export const selfSubjectRulesReviews: ResourceDefinition<SelfSubjectRulesReview> = resource(SelfSubjectRulesReview, {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectrulesreviews',
  namespaced: false,
  verbs: ['create'],
});
