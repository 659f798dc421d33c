// SelfSubjectAccessReview: asks whether the caller may do something.
import { define, required } from '../../schema/vocabulary.ts';
import { NonResourceAttributes, ResourceAttributes, SubjectAccessReviewStatus } from './subject-access-review.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';

export class SelfSubjectAccessReviewSpec extends define('io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec', {
  nonResourceAttributes: NonResourceAttributes,
  resourceAttributes: ResourceAttributes,
}) {}

export class SelfSubjectAccessReview extends kind('io.k8s.api.authorization.v1.SelfSubjectAccessReview', {
  spec: required(SelfSubjectAccessReviewSpec),
  status: SubjectAccessReviewStatus,
}) {}

export const selfSubjectAccessReviews: ResourceDefinition<SelfSubjectAccessReview> = resource(SelfSubjectAccessReview, {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectaccessreviews',
  namespaced: false,
  verbs: ['create'],
});
