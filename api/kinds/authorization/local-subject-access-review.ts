// LocalSubjectAccessReview: asks whether somebody may do something in a namespace.
import { required } from '../../schema/vocabulary.ts';
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from './subject-access-review.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';

export class LocalSubjectAccessReview extends kind('io.k8s.api.authorization.v1.LocalSubjectAccessReview', {
  spec: required(SubjectAccessReviewSpec),
  status: SubjectAccessReviewStatus,
}) {}

export const localSubjectAccessReviews: ResourceDefinition<LocalSubjectAccessReview> = resource(
  LocalSubjectAccessReview,
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'localsubjectaccessreviews',
    namespaced: true,
    verbs: ['create'],
  },
);
