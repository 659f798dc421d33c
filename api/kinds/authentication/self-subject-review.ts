// SelfSubjectReview: asks who the caller is.
import { define } from '../../schema/vocabulary.ts';
import { UserInfo } from './user-info.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';

export class SelfSubjectReviewStatus extends define('io.k8s.api.authentication.v1.SelfSubjectReviewStatus', {
  userInfo: UserInfo,
}) {}

export class SelfSubjectReview extends kind('io.k8s.api.authentication.v1.SelfSubjectReview', {
  status: SelfSubjectReviewStatus,
}) {}

export const selfSubjectReviews: ResourceDefinition<SelfSubjectReview> = resource(SelfSubjectReview, {
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'selfsubjectreviews',
  namespaced: false,
  verbs: ['create'],
});
